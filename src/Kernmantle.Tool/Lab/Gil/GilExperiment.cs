using Kernmantle.Python;
using Kernmantle.Tool.Lab.Linux;
using Kernmantle.Tool.Lab.Model;
using Kernmantle.Tool.Lab.Running;
using Kernmantle.Tool.Statistics;

namespace Kernmantle.Tool.Lab.Gil;

/// <summary>The same units of work, computing and waiting, by 1, 2 and 4 workers in every place; and who holds the global lock when.</summary>
internal sealed class GilExperiment() : Experiment("gil", "What do workers gain in each place, under a global lock and without, in .NET and in Python?")
{
    private const int Units = 4, Rounds = 5;
    private static readonly int[] WorkerCounts = [1, 2, 4];
    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(25);

    /// <summary>Interpreters that may have no global lock, or another one.</summary>
    private static readonly string[] OtherNames = ["python3.14t", "python3.13t", "pypy3"];

    public override async Task<Outcome> RunAsync(LabContext context)
    {
        using Scratch scratch = new();
        PythonPlace.WriteModule(scratch.Folder);
        PythonPoolOptions Python(string? interpreter = null) => new() { LoggerFactory = context.Loggers, ModulePaths = [scratch.Folder], Interpreter = interpreter };
        long steps = Load.CalibratedSteps();
        List<string> notes = [];
        List<IWorkPlace> places =
        [
            new PoolPlace(Places.Threads, steps, workers => WorkerPool.Threads(workers, new() { LoggerFactory = context.Loggers })),
            new GlobalLockPlace(steps, (workers, gil) => WorkerPool.Exclusive(workers, gil, new() { LoggerFactory = context.Loggers })),
            new PoolPlace(Places.Processes, steps, workers => WorkerPool.Processes(workers, new() { LoggerFactory = context.Loggers })),
            new EventLoopPlace(steps, workers => WorkerPool.EventLoop(new() { LoggerFactory = context.Loggers, MaxConcurrency = workers })),
        ];
        try
        {
            context.Step("looking for python3", 0);
            PythonSeen? seen = null;
            try
            {
                (seen, long pythonSteps) = await LookAsync(Python(), context.Stopping);
                places.AddRange(Ways(Python(), pythonSteps));
            }
            catch (PythonNotFoundException e)
            {
                notes.Add($"Not measured: Python. {e.Message}");
            }
            IReadOnlyDictionary<string, PlaceRuns> runs = await MeasureAsync(context.Part(0.05, 0.9), places);
            context.Step("trace of the global lock", 0.9);
            LockTrace trace = TracedWork.Run(steps);
            context.Step("other interpreters", 0.95);
            GilMeasured measured = new(LibC.AllowedProcessors().Length, runs, trace, seen, await OthersAsync(Python, context.Stopping));
            return new(measured.Figures(), GilVerdicts.Judge(measured), measured.Plots(), [measured.Table()], notes);
        }
        finally
        {
            foreach (IWorkPlace place in places)
                await place.DisposeAsync();
        }
    }

    private static async Task<IReadOnlyDictionary<string, PlaceRuns>> MeasureAsync(LabContext context, IReadOnlyList<IWorkPlace> places)
    {
        foreach (IWorkPlace place in places)
        {
            context.Step($"starting {place.Name}", 0);
            foreach (int workers in WorkerCounts)
                await place.PrepareAsync(workers, context.Stopping);
        }
        static string Name(IWorkPlace place, bool computing, int workers) => $"{place.Name}, {(computing ? "computing" : "waiting")}, {workers}";
        IReadOnlyDictionary<string, IReadOnlyList<double>> seconds = await Turns.TakeAsync(
            context,
            Rounds,
            Budget,
            [
                .. from place in places
                   from computing in (bool[])[true, false]
                   from workers in WorkerCounts
                   select new Way(Name(place, computing, workers), () => place.RunAsync(workers, Units, computing, context.Stopping)),
            ]);
        return places.ToDictionary(static place => place.Name, place => PlaceRuns.Of(
            WorkerCounts.ToDictionary(static workers => workers, workers => seconds[Name(place, true, workers)]),
            WorkerCounts.ToDictionary(static workers => workers, workers => seconds[Name(place, false, workers)])));
    }

    private static async Task<(PythonSeen Python, long Steps)> LookAsync(PythonPoolOptions options, CancellationToken cancellationToken)
    {
        await using PythonPool pool = new(1, options);
        PythonInterpreter interpreter = await pool.GetInterpreterAsync(cancellationToken);
        return (new(interpreter.Implementation, interpreter.Version.ToString(), interpreter.HasGlobalLock), await PythonPlace.CalibrateAsync(pool));
    }

    private static IEnumerable<PythonPlace> Ways(PythonPoolOptions options, long steps) =>
    [
        new(Places.PythonThreads, PythonWay.Threads, workers => new PythonPool(workers, options)) { Steps = steps },
        new(Places.PythonAsyncio, PythonWay.Asyncio, workers => new PythonPool(workers, options)) { Steps = steps },
        new(Places.PythonProcesses, PythonWay.Processes, workers => new PythonPool(workers, options)) { Steps = steps },
    ];

    /// <summary>Whether threads of the other interpreters of this machine compute at once.</summary>
    private static async Task<IReadOnlyList<OtherInterpreter>> OthersAsync(Func<string, PythonPoolOptions> options, CancellationToken cancellationToken)
    {
        List<OtherInterpreter> others = [];
        foreach (string name in OtherNames.Where(IsInPath))
        {
            PythonPoolOptions itsOptions = options(name);
            (PythonSeen python, long steps) = await LookAsync(itsOptions, cancellationToken);
            await using PythonPlace place = new(name, PythonWay.Threads, workers => new PythonPool(workers, itsOptions)) { Steps = steps };
            await place.PrepareAsync(1, cancellationToken);
            List<double> one = [], most = [];
            for (int round = 0; round < Rounds; round++)
            {
                one.Add(await place.RunAsync(1, Units, computing: true, cancellationToken));
                most.Add(await place.RunAsync(WorkerCounts[^1], Units, computing: true, cancellationToken));
            }
            others.Add(new(python, Comparison.Ratio(one, most)));
        }
        return others;
    }

    private static bool IsInPath(string name) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries).Any(folder => File.Exists(Path.Combine(folder, name)));
}
