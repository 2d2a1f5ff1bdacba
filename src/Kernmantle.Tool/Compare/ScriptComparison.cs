using System.Diagnostics;
using Kernmantle.Python;
using Kernmantle.Tool.Cli;
using Kernmantle.Tool.Subjects;

namespace Kernmantle.Tool.Compare;

/// <summary>The user's Python function: in one interpreter three ways, and in several.</summary>
internal static class ScriptComparison
{
    public static async Task<IReadOnlyList<PlaceResult>> RunAsync(ToolSession session, string script, string[]? inputs, int calls, int workers, int rounds, TimeSpan timeout, Action<string, double> report)
    {
        (string file, string function) = Split(script);
        string?[] given = inputs ?? new string?[calls];
        Place[] places = [Place.Sequential, Place.Threads, Place.Asyncio, Place.Processes];
        var results = places.ToDictionary(static p => p, static _ => new List<Round>());
        var ended = new Dictionary<Place, string>();
        var pools = new Dictionary<Place, PythonPool>();
        var processes = new Dictionary<Place, int[]>();
        try
        {
            foreach (Place place in places)
            {
                report($"opening {Places.Name(place, workers)}", 0);
                pools[place] = Open(session, place, place == Place.Processes ? workers : 1);
                processes[place] = await ProcessesOfAsync(pools[place], session.Stopping);
            }
            for (int round = -1; round < rounds; round++)
            {
                foreach (Place place in places.Where(p => !ended.ContainsKey(p)))
                {
                    report($"{Places.Name(place, workers)}, round {round + 1}", (round + 1.0) / (rounds + 1));
                    try
                    {
                        Round measured = await MeasureAsync(pools[place], processes[place], place, file, function, given, workers, timeout, session.Stopping);
                        if (round >= 0)
                            results[place].Add(measured);
                    }
                    catch (PythonFunctionNotFoundException e)
                    {
                        throw new ToolException(e.Message, "Name a function of that file.", inner: e);
                    }
                    catch (PythonException e) when (round < 0 && place == Place.Sequential)
                    {
                        throw new ToolException($"{Path.GetFileName(file)} cannot be used: {e.TypeName}: {e.Message}.", $"Its functions must be defined at its top, and {function} must be one.", inner: e);
                    }
                    catch (WorkerException e)
                    {
                        ended[place] = e is CallTimeoutException late ? $"a round took longer than {late.Timeout.TotalSeconds:0.#} s (--timeout)." : e.Message;
                    }
                }
            }
            return [.. places.Select(p => new PlaceResult(p, Places.Name(p, workers), results[p], ended.GetValueOrDefault(p)))];
        }
        catch (PythonNotFoundException e)
        {
            throw new ToolException(e.Message, "", inner: e);
        }
        finally
        {
            foreach (PythonPool pool in pools.Values)
                await pool.KillAsync();
        }
    }

    private static PythonPool Open(ToolSession session, Place place, int workers)
    {
        using Stream stream = typeof(ScriptComparison).Assembly.GetManifestResourceStream("compare/compare.py")!;
        using var reader = new StreamReader(stream);
        return new(workers, new() { Name = place.ToString(), LoggerFactory = session.Loggers, Setup = reader.ReadToEnd() });
    }

    private static async Task<Round> MeasureAsync(PythonPool pool, int[] processes, Place place, string file, string function, string?[] inputs, int workers, TimeSpan timeout, CancellationToken cancellationToken)
    {
        Usage before = Usage.Of(processes);
        var options = new CallOptions { Timeout = timeout };
        (bool Success, string Text)[] results;
        double wall;
        if (place == Place.Processes)
        {
            long started = Stopwatch.GetTimestamp();
            var collected = new List<(bool, string)>();
            await foreach (MapResult<(string, string, string?), (bool, string)> item in
                pool.MapAsync<(string, string, string?), (bool, string)>("__main__:kern_one", inputs.Select(given => (file, function, given)), options, cancellationToken))
            {
                collected.Add(item.IsSuccess ? item.Value : throw item.Failure!);
            }
            (results, wall) = ([.. collected], Stopwatch.GetElapsedTime(started).TotalSeconds);
        }
        else
        {
            (string name, PythonArguments arguments) = place switch
            {
                Place.Threads => ("kern_threads", PythonArguments.Of(file, function, inputs, workers)),
                Place.Asyncio => ("kern_asyncio", PythonArguments.Of(file, function, inputs)),
                _ => ("kern_sequential", PythonArguments.Of(file, function, inputs)),
            };
            (results, wall) = await pool.CallAsync<((bool, string)[], double)>($"__main__:{name}", arguments, options, cancellationToken);
        }
        Usage used = Usage.Of(processes).Since(before);
        int failures = results.Count(static r => !r.Success);
        return new(wall, used.Processor, used.PeakMemory, null, null, used.Switches, new(Canonical.Hash(results.Select(static r => (object?)r.Text)), failures, results.FirstOrDefault(static r => !r.Success).Text));
    }

    /// <summary>Workers are told apart by a key each.</summary>
    private static Task<int[]> ProcessesOfAsync(PythonPool pool, CancellationToken cancellationToken) => Task.WhenAll(Enumerable.Range(0, pool.WorkerCount)
        .Select(worker => pool.EvalAsync<int>("os.getpid()", options: new() { Key = worker }, cancellationToken: cancellationToken)));

    private static (string File, string Function) Split(string script)
    {
        int colon = script.LastIndexOf(':');
        string file = Path.GetFullPath(script[..colon]);
        if (!File.Exists(file))
            throw new ToolException($"There is no file '{file}'.", "Write script.py:function.");
        return (file, script[(colon + 1)..]);
    }
}
