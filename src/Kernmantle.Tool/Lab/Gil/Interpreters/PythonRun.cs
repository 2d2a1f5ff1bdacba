using Kernmantle.Python;
using Kernmantle.Tool.Lab.Running;
using Kernmantle.Tool.Statistics;

namespace Kernmantle.Tool.Lab.Gil.Interpreters;

/// <summary>One Python, started for each way that it has to do several things at once, but for sub-interpreters.</summary>
internal sealed class PythonRun : IAsyncDisposable
{
    private const int Rounds = 5, Counters = 2, Tasklets = 100, Blocking = 2;

    private readonly PythonPools pools;
    private readonly List<PythonPlace> places = [];
    private readonly Dictionary<PythonWay, string> missing = [];
    private PythonPool? processes, microthreads;
    private long steps;

    private PythonRun(PythonPools pools) => this.pools = pools;

    public PythonSeen Python { get; private set; } = new("", "", HasGlobalLock: true);

    public IReadOnlyList<PythonPlace> Places => places;

    /// <param name="source">Where it is.</param>
    /// <param name="workers">The most that work at once.</param>
    /// <exception cref="PythonNotFoundException">There is none.</exception>
    /// <exception cref="WorkerException">It does not start.</exception>
    public static async Task<PythonRun> StartAsync(PythonSource source, int workers, CancellationToken cancellationToken)
    {
        PythonRun run = new(new(source));
        try
        {
            await run.StartPoolsAsync(workers, cancellationToken);
            return run;
        }
        catch
        {
            await run.DisposeAsync();
            throw;
        }
    }

    /// <summary>What is not a matter of speed: lost counts, and microthreads that block.</summary>
    public async Task<InterpreterMeasured> MeasureAsync(IReadOnlyDictionary<string, PlaceRuns> runs, CancellationToken cancellationToken)
    {
        Dictionary<PythonWay, PlaceRuns> ways = places.ToDictionary(static place => place.Way, place => runs[place.Name]);
        return new(pools.Source.Id, Python, ways, missing)
        {
            Lost = new(await LostAsync(called: false, cancellationToken), await LostAsync(called: true, cancellationToken)),
            Microthreads = microthreads is null ? null : await MicrothreadsAsync(microthreads, cancellationToken),
        };
    }

    public ValueTask DisposeAsync() => pools.DisposeAsync();

    private async Task StartPoolsAsync(int workers, CancellationToken cancellationToken)
    {
        PythonPool threads = pools.Add(1, PythonWay.Threads);
        processes = pools.Add(workers, PythonWay.Processes);
        PythonInterpreter found = await processes.GetInterpreterAsync(cancellationToken);
        Python = PythonSeen.Of(found);
        List<(PythonWay Way, PythonPool Pool)> ways = [(PythonWay.Threads, threads), (PythonWay.Processes, processes)];
        if (found.HasThreadPerCall)
        {
            missing[PythonWay.Asyncio] = "it has no asyncio";
            missing[PythonWay.Microthreads] = "it has no greenlet";
        }
        else
        {
            ways.Add((PythonWay.Asyncio, processes));   // all tasks in one of its interpreters
            if (await processes.CallAsync<bool>("kern_lab:has", PythonArguments.Of("greenlet"), cancellationToken: cancellationToken))
                ways.Add((PythonWay.Microthreads, microthreads = pools.Add(1, PythonWay.Microthreads)));
            else
                missing[PythonWay.Microthreads] = "it has no greenlet (Debian: apt-get install python3-greenlet)";
        }
        steps = await pools.CalibrateAsync(cancellationToken);
        places.AddRange(ways.Select(way => new PythonPlace($"{pools.Source.Id} {way.Way.Text()}", way.Way, way.Pool, steps)));
    }

    private async Task<Spread> LostAsync(bool called, CancellationToken cancellationToken)
    {
        List<double> lost = [];
        for (int round = 0; round < Rounds; round++)
            lost.Add(await processes!.CallAsync<double>("kern_lab:lost", PythonArguments.Of(Counters, steps, called), cancellationToken: cancellationToken));
        return Spread.Of(lost);
    }

    private static async Task<MicrothreadFacts> MicrothreadsAsync(PythonPool pool, CancellationToken cancellationToken)
    {
        double[] lost = await pool.CallAsync<double[]>("kern_lab_microthreads:lost", PythonArguments.Of(Tasklets), cancellationToken: cancellationToken);
        Task<double> Block(int workers) =>
            Turns.SpreadAsync(workers, Blocking, _ => pool.CallAsync<object?>("kern_lab:wait", PythonArguments.Of(Load.Wait.TotalSeconds), cancellationToken: cancellationToken));
        List<double> one = [], both = [];
        for (int round = 0; round < Rounds; round++)
        {
            one.Add(await Block(1));
            both.Add(await Block(Blocking));
        }
        return new(lost[0], lost[1], Comparison.Ratio(one, both));
    }
}
