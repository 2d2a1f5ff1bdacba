using Kernmantle.Tool.Lab.Running;
using Kernmantle.Tool.Statistics;
using Microsoft.Extensions.Logging;

namespace Kernmantle.Tool.Lab.Gil.Interpreters;

/// <summary>
/// A Python within .NET, in worker processes: its threads with either collector, each with a scope of its own, and its processes. That it has no
/// lock does not mean that it scales: nearly all of Python's code allocates, and the workstation collector stops all threads each time.
/// </summary>
internal sealed class ScopedRun<TEngine> : IAsyncDisposable
    where TEngine : IScopeEngine<TEngine>
{
    private const int Rounds = 5, Counters = 2;
    private const string Id = "ironpython";

    private readonly WorkerPool serverPool, workstationPool;
    private readonly List<ScopedPlace> places = [];
    private Remote<ScopedWork>? workstation;
    private PythonSeen python = new("", "", HasGlobalLock: false);
    private int steps;

    private ScopedRun(int workers, ILoggerFactory? loggers)
    {
        // A server collector has a heap for each processor that it sees.
        ProcessPoolOptions Options(string server) => new()
        {
            LoggerFactory = loggers,
            Environment = new Dictionary<string, string?> { ["DOTNET_gcServer"] = server, ["DOTNET_PROCESSOR_COUNT"] = null },
        };
        (serverPool, workstationPool) = (WorkerPool.Processes(1, Options("1")), WorkerPool.Processes(workers, Options("0")));
    }

    public IReadOnlyList<IWorkPlace> Places => places;

    /// <param name="folder">Where the engine's assemblies are.</param>
    /// <exception cref="RemoteException">The engine does not start.</exception>
    public static async Task<ScopedRun<TEngine>> StartAsync(string folder, int workers, ILoggerFactory? loggers, CancellationToken cancellationToken)
    {
        ScopedRun<TEngine> run = new(workers, loggers);
        try
        {
            await run.PrepareAsync(new(folder, PythonModules.Work(), workers), cancellationToken);
            return run;
        }
        catch
        {
            await run.DisposeAsync();
            throw;
        }
    }

    public async Task<IReadOnlyList<InterpreterMeasured>> MeasureAsync(IReadOnlyDictionary<string, PlaceRuns> runs, CancellationToken cancellationToken)
    {
        LostCounts lost = new(await LostAsync(called: false, cancellationToken), await LostAsync(called: true, cancellationToken));
        Dictionary<PythonWay, string> missing = new() { [PythonWay.Asyncio] = "its standard library is another package", [PythonWay.Microthreads] = "it has no greenlet" };
        return
        [
            new($"{Id}-server", python, new Dictionary<PythonWay, PlaceRuns> { [PythonWay.Threads] = runs[places[0].Name] }, new Dictionary<PythonWay, string>()) { Variant = "server collector" },
            new(Id, python, new Dictionary<PythonWay, PlaceRuns> { [PythonWay.Threads] = runs[places[1].Name], [PythonWay.Processes] = runs[places[2].Name] }, missing) { Variant = "workstation collector", Lost = lost },
        ];
    }

    public async ValueTask DisposeAsync()
    {
        await serverPool.DisposeAsync();
        await workstationPool.DisposeAsync();
    }

    private async Task PrepareAsync(ScopedStart start, CancellationToken cancellationToken)
    {
        Task<Remote<ScopedWork>> Open(WorkerPool pool) => pool.CreateAsync(static start => ScopedWork.Open<TEngine>(start), start, cancellationToken: cancellationToken);
        Remote<ScopedWork>[] all = await Task.WhenAll([Open(serverPool), .. Enumerable.Range(0, start.Scopes).Select(_ => Open(workstationPool))]);
        Remote<ScopedWork> server = all[0];
        workstation = all[1];
        python = new(Id, await workstation.CallAsync(static work => work.Version, cancellationToken), HasGlobalLock: false);
        steps = (await Task.WhenAll(all.Select(remote => remote.CallAsync(static work => work.Calibrate(), cancellationToken)))).Max();
        places.AddRange(
        [
            new($"{Id}, server collector, threads", [server], inThreads: true, steps),
            new($"{Id}, workstation collector, threads", [workstation], inThreads: true, steps),
            new($"{Id} processes", all[1..], inThreads: false, steps),
        ]);
    }

    private async Task<Spread> LostAsync(bool called, CancellationToken cancellationToken)
    {
        List<double> lost = [];
        for (int round = 0; round < Rounds; round++)
            lost.Add(await workstation!.CallAsync(static (work, count) => work.Lost(Counters, count.Steps, count.Called), (Steps: steps, Called: called), cancellationToken));
        return Spread.Of(lost);
    }
}

/// <summary>One way of a Python within .NET.</summary>
/// <param name="hosts">One for each process.</param>
internal sealed class ScopedPlace(string name, IReadOnlyList<Remote<ScopedWork>> hosts, bool inThreads, int steps) : IWorkPlace
{
    public string Name => name;

    /// <summary>They have been started already.</summary>
    public Task PrepareAsync(int workers, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task<double> RunAsync(int workers, int units, bool computing, CancellationToken cancellationToken)
    {
        return inThreads ? Run(0, workers, units) : Turns.SpreadAsync(workers, units, worker => Run(worker, 1, 1));

        Task<double> Run(int host, int threads, int count) =>
            hosts[host].CallAsync(static (work, run) => work.Run(run.Threads, run.Count, run.Computing, run.Steps), (Threads: threads, Count: count, Computing: computing, Steps: steps), cancellationToken);
    }
}
