using Kernmantle.Tool.Lab.Model;
using Kernmantle.Tool.Statistics;

namespace Kernmantle.Tool.Lab.Failure;

/// <summary>What the measurements say about N10 and N12.</summary>
internal static class FailureVerdicts
{
    public static IReadOnlyList<Finding> Judge(FailureMeasured measured)
    {
        Aftermath[] threads = [.. measured.InThread.Values], processes = [.. measured.InProcess.Values];
        int spread = threads.Count(static after => !after.HostLived || !after.Stopped);
        bool confined = processes.All(static after => after is { HostLived: true, NeighbourFinished: true });
        bool stopped = processes.All(static after => after.Stopped);
        double slowest = processes.Max(static after => after.SecondsToCapacity ?? double.PositiveInfinity);
        return
        [
            new(
                "N10",
                "What goes wrong in one thread concerns its whole process.",
                spread == threads.Length ? Verdict.Holds : spread == 0 ? Verdict.DoesNotHoldHere : Verdict.Depends,
                $"{threads.Count(static after => !after.HostLived)} of {threads.Length} misdeeds on a thread ended the process with everything in it; "
                + $"{threads.Count(static after => after is { HostLived: true, Stopped: false })} went on and could not be stopped."),
            new(
                "N12",
                "What goes wrong in a worker process ends there, and the process can be killed.",
                confined && stopped ? Verdict.Holds : confined || stopped ? Verdict.Depends : Verdict.DoesNotHoldHere,
                $"{processes.Count(static after => after.NeighbourFinished)} of {processes.Length} neighbours finished, {processes.Count(static after => after.Stopped)} of {processes.Length} misdeeds were stopped; "
                + (double.IsFinite(slowest) ? $"the place took calls again after {Units.Format(slowest, Unit.Seconds)} at most." : "one place took no calls any more.")),
        ];
    }
}
