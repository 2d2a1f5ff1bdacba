using Kernmantle.Python;
using Kernmantle.Tool.Lab.Gil.Interpreters;
using Kernmantle.Tool.Lab.Linux;
using Kernmantle.Tool.Lab.Model;
using Kernmantle.Tool.Lab.Running;

namespace Kernmantle.Tool.Lab.Gil;

/// <summary>
/// The same units of work, computing and waiting, by 1, 2 and 4 workers in every place; who holds the global lock when; and what each interpreter of
/// this machine gains in each way that it has.
/// </summary>
internal sealed class GilExperiment() : Experiment("gil", "What do workers gain in each place, under a global lock and without, in .NET and in every Python here?")
{
    private const int Units = 4, Rounds = 5;
    private static readonly int[] WorkerCounts = [1, 2, 4];
    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(25);

    public override async Task<Outcome> RunAsync(LabContext context)
    {
        using Scratch scratch = new();
        PythonModules.Write(scratch.Folder);
        long steps = Load.CalibratedSteps();
        List<string> notes = [];
        List<PoolPlace> places =
        [
            new(Places.Threads, steps, workers => WorkerPool.Threads(workers, new() { LoggerFactory = context.Loggers })),
            new GlobalLockPlace(steps, (workers, gil) => WorkerPool.Exclusive(workers, gil, new() { LoggerFactory = context.Loggers })),
            new(Places.Processes, steps, workers => WorkerPool.Processes(workers, new() { LoggerFactory = context.Loggers })),
            new EventLoopPlace(steps, workers => WorkerPool.EventLoop(new() { LoggerFactory = context.Loggers, MaxConcurrency = workers })),
        ];
        PythonRun? python = null;
        try
        {
            context.Step("looking for python3", 0);
            python = await PythonAsync(new(Places.Python, null, scratch.Folder, context.Loggers), notes, context.Stopping);
            IReadOnlyDictionary<string, PlaceRuns> runs = await WorkPlaces.MeasureAsync(context.Part(0.05, 0.6), [.. places, .. python?.Places ?? []], WorkerCounts, Units, Rounds, Budget);
            context.Step("trace of the global lock", 0.6);
            LockTrace trace = TracedWork.Run(steps);
            InterpreterMeasured? used = python is null ? null : await python.MeasureAsync(runs, context.Stopping);
            InterpreterSurvey survey = new(context.Part(0.65, 1), scratch.Folder);
            GilMeasured measured = new(LibC.AllowedProcessors().Length, runs, trace, used, await survey.RunAsync(used));
            return new(measured.Figures(), GilVerdicts.Judge(measured), measured.Plots(), [measured.Table(), .. InterpreterTables.Of(measured)], [.. notes, .. survey.Notes]);
        }
        finally
        {
            foreach (PoolPlace place in places)
                await place.DisposeAsync();
            if (python is not null)
                await python.DisposeAsync();
        }
    }

    /// <summary>The Python that is used where none is named.</summary>
    private static async Task<PythonRun?> PythonAsync(PythonSource source, List<string> notes, CancellationToken cancellationToken)
    {
        try
        {
            return await PythonRun.StartAsync(source, WorkerCounts[^1], cancellationToken);
        }
        catch (PythonNotFoundException e)
        {
            notes.Add($"Not measured: Python. {e.Message}");
            return null;
        }
    }
}
