using Kernmantle.Tool.Lab.Running;

namespace Kernmantle.Tool.Lab;

/// <summary>All experiments, in the order in which they are run: what only looks comes before what breaks things.</summary>
internal static class ExperimentList
{
    public static readonly IReadOnlyList<Experiment> All =
    [
        new Memory.MemoryExperiment(),
        new Start.StartExperiment(),
        new Switch.SwitchExperiment(),
        new Cache.CacheExperiment(),
        new Ipc.IpcExperiment(),
        new Scale.ScaleExperiment(),
        new Join.JoinExperiment(),
        new Single.SingleExperiment(),
        new Gil.GilExperiment(),
        new Race.RaceExperiment(),
        new Failure.FailureExperiment(),
        new Deadlock.DeadlockExperiment(),
    ];
}
