using System.Diagnostics;
using Kernmantle;

namespace IronPythonSample;

/// <summary>How many times as much two threads of one worker do as one does, and two processes, with either collector.</summary>
/// <param name="OwnScopes">Two threads of one worker, each with a scope of its own.</param>
/// <param name="OneScope">Two threads of one worker that call the same function.</param>
/// <param name="Processes">Two workers.</param>
internal sealed record Measured(string Function, string Collector, double OwnScopes, double OneScope, double Processes)
{
    public override string ToString() => FormattableString.Invariant(
        $"{Function,-14} {Collector,-12} threads, a scope each {OwnScopes:0.00} ×, one scope {OneScope:0.00} ×; processes {Processes:0.00} ×");
}

/// <summary>"No lock" does not mean "scales": measured for arithmetic, for code that allocates, and for a function that calls itself.</summary>
internal static class Comparison
{
    private const int Rounds = 7;

    public static readonly IReadOnlyDictionary<string, int> Inputs = new Dictionary<string, int> { ["count_primes"] = 40_000, ["count_words"] = 30_000, ["fibonacci"] = 28 };

    public static async IAsyncEnumerable<Measured> RunAsync<TScope>(string source, IReadOnlyDictionary<string, int> inputs)
        where TScope : IPythonScope, new()
    {
        foreach ((string collector, string setting) in new[] { ("workstation", "0"), ("server", "1") })
        {
            ProcessPoolOptions options = new() { Environment = new Dictionary<string, string?> { ["DOTNET_gcServer"] = setting } };
            // A worker that is alone sees all processors, each of two a half of them; the server collector has a heap for each that it sees.
            await using WorkerPool one = WorkerPool.Processes(1, options), two = WorkerPool.Processes(2, options);
            await using Remote<IPythonScope[]> scopes = await one.CreateAsync(static source => new[] { PythonScopes.Open<TScope>(source), PythonScopes.Open<TScope>(source) }, source);
            await using Remote<IPythonScope> first = await two.CreateAsync(static source => PythonScopes.Open<TScope>(source), source);
            await using Remote<IPythonScope> second = await two.CreateAsync(static source => PythonScopes.Open<TScope>(source), source);
            foreach ((string function, int input) in inputs)
            {
                double[] seconds = await BestAsync(
                    () => scopes.CallAsync(static (scopes, function, input) => scopes[0].Call(function, input) is null, function, input),
                    () => scopes.CallAsync(static (scopes, function, input) => PythonScopes.CallOnTwoThreads(scopes[0], scopes[1], function, input).Length, function, input),
                    () => scopes.CallAsync(static (scopes, function, input) => PythonScopes.CallOnTwoThreads(scopes[0], scopes[0], function, input).Length, function, input),
                    () => CallAsync(first),
                    () => Task.WhenAll(CallAsync(first), CallAsync(second)));
                yield return new(function, collector, 2 * seconds[0] / seconds[1], 2 * seconds[0] / seconds[2], 2 * seconds[3] / seconds[4]);

                Task CallAsync(Remote<IPythonScope> python) => python.CallAsync(static (python, function, input) => python.Call(function, input) is null, function, input);
            }
        }
    }

    /// <summary>The least time of each, in turns.</summary>
    private static async Task<double[]> BestAsync(params Func<Task>[] ways)
    {
        double[] best = [.. ways.Select(static _ => double.MaxValue)];
        // The first round compiles.
        for (int round = 0; round <= Rounds; round++)
        {
            for (int way = 0; way < ways.Length; way++)
            {
                long started = Stopwatch.GetTimestamp();
                await ways[way]();
                best[way] = Math.Min(best[way], Stopwatch.GetElapsedTime(started).TotalSeconds);
            }
        }
        return best;
    }
}
