using System.Diagnostics;
using Kernmantle;
using Kernmantle.Python;

namespace PastTheGil;

/// <summary>One way to do the work.</summary>
/// <param name="Way">Its name.</param>
/// <param name="Wall">From the first call to the last result, in seconds.</param>
/// <param name="Processor">What the interpreters computed altogether, in seconds.</param>
/// <param name="Answer">The same text for the same results.</param>
internal sealed record Measure(string Way, double Wall, double Processor, string Answer);

/// <summary>The same work, four ways; three where there is no asyncio.</summary>
internal sealed record Comparison(Work Work, int Workers, PythonInterpreter Interpreter, IReadOnlyList<Measure> Measures, object?[] Results)
{
    private const string Module = "past_the_gil", OneAfterTheOther = $"{Module}:one_after_the_other", OnThreads = $"{Module}:on_threads", OnAsyncio = $"{Module}_asyncio:on_asyncio";

    public bool AllAgree => Measures.All(m => m.Answer == Measures[0].Answer);

    public Measure Sequential => Measures[0];

    public static async Task<Comparison> RunAsync(Work work, int workers, string? interpreter, CancellationToken token)
    {
        PythonPoolOptions Options(string name) => new() { Name = name, Interpreter = interpreter, ModulePaths = [AppContext.BaseDirectory], MaxConcurrency = 1 };   // one input at a time in each: what ran beside it would count as its own
        await using var one = new PythonPool(1, Options("one"));
        await using var many = new PythonPool(workers, Options("many"));
        PythonInterpreter found = await one.GetInterpreterAsync(token);
        await many.StartAsync(token);
        bool hasAsyncio = !found.HasThreadPerCall;
        await WarmUpAsync(one, many, work, hasAsyncio, token);

        (Measure sequential, object?[] results) = await InsideAsync(one, "one after the other", OneAfterTheOther, PythonArguments.Of(work.File, work.Function, work.Inputs), token);
        (Measure threads, _) = await InsideAsync(one, $"{workers} threads in one interpreter", OnThreads, PythonArguments.Of(work.File, work.Function, work.Inputs, workers), token);
        List<Measure> measures = [sequential, threads];
        if (hasAsyncio)
            measures.Add((await InsideAsync(one, "asyncio in one interpreter", OnAsyncio, PythonArguments.Of(work.File, work.Function, work.Inputs), token)).Measure);
        measures.Add(await ProcessesAsync(many, $"{workers} interpreters", work, token));
        return new(work, workers, found, measures, results);
    }

    /// <summary>Modules are imported, just-in-time compilers know the function, and files are in the system's cache, before anything is measured.</summary>
    private static async Task WarmUpAsync(PythonPool one, PythonPool many, Work work, bool hasAsyncio, CancellationToken token)
    {
        string shortest = work.Inputs[^1], longest = work.Inputs[0];
        await one.CallAsync<object?>(OneAfterTheOther, PythonArguments.Of(work.File, work.Function, new[] { longest }), cancellationToken: token);
        if (hasAsyncio)
            await one.CallAsync<object?>(OnAsyncio, PythonArguments.Of(work.File, work.Function, new[] { shortest }), cancellationToken: token);
        await Task.WhenAll(Enumerable.Range(0, many.WorkerCount).Select(key =>
            many.CallAsync<object?>($"{Module}:one_of_many", PythonArguments.Of((work.File, work.Function, longest)), new() { Key = key }, token)));
        foreach (string input in work.Inputs.Where(File.Exists))
            await File.ReadAllBytesAsync(input, token);
    }

    private static async Task<(Measure Measure, object?[] Results)> InsideAsync(PythonPool pool, string way, string function, PythonArguments arguments, CancellationToken token)
    {
        long started = Stopwatch.GetTimestamp();   // as for the processes: from the call until the results are here
        (object?[] results, double processor) = await pool.CallAsync<(object?[], double)>(function, arguments, cancellationToken: token);
        double wall = Stopwatch.GetElapsedTime(started).TotalSeconds;
        return (new(way, wall, processor, Answers.Of(results)), results);
    }

    private static async Task<Measure> ProcessesAsync(PythonPool pool, string way, Work work, CancellationToken token)
    {
        long started = Stopwatch.GetTimestamp();
        double processor = 0;
        var results = new object?[work.Inputs.Count];
        await foreach (MapResult<(string, string, string), (object?, double)> item in
            pool.MapUnorderedAsync<(string, string, string), (object?, double)>($"{Module}:one_of_many", work.Inputs.Select(input => (work.File, work.Function, input)), cancellationToken: token))
        {
            (object? result, double seconds) = item.Value;
            results[item.Index] = result;
            processor += seconds;
        }
        return new(way, Stopwatch.GetElapsedTime(started).TotalSeconds, processor, Answers.Of(results));
    }
}
