using Kernmantle.Tool.Cli;
using Kernmantle.Tool.Output;
using Kernmantle.Tool.Statistics;

namespace Kernmantle.Tool.Run;

/// <summary>How a run ended and what it used, as a table and as an exit code.</summary>
/// <param name="Exit">How it ended.</param>
/// <param name="Result">What the method returned, as text; null if it returned nothing.</param>
internal sealed record RunRecord(RunExit Exit, string? Result)
{
    private const string Unknown = "unknown";

    /// <summary>What <c>kern run</c> exits with.</summary>
    public static int CodeOf(WorkerExitReason reason) => reason switch
    {
        WorkerExitReason.Completed => ExitCodes.Success,
        WorkerExitReason.Failed => ExitCodes.RunFailed,
        WorkerExitReason.MemoryLimit => ExitCodes.RunMemoryLimit,
        WorkerExitReason.CpuLimit => ExitCodes.RunCpuLimit,
        WorkerExitReason.ProcessCountLimit => ExitCodes.RunProcessCountLimit,
        WorkerExitReason.OpenFilesLimit => ExitCodes.RunOpenFilesLimit,
        WorkerExitReason.OutputLimit => ExitCodes.RunOutputLimit,
        WorkerExitReason.Crashed => ExitCodes.RunCrashed,
        WorkerExitReason.TimedOut => ExitCodes.RunTimedOut,
        WorkerExitReason.Killed => ExitCodes.RunKilled,
        _ => ExitCodes.RunLost,
    };

    public int Write(Screen screen)
    {
        TableWriter.Write(screen, new("", ["", ""], [.. Rows().Select(static row => new[] { row.Name, row.Value })]));
        return CodeOf(Exit.Reason);
    }

    private IEnumerable<(string Name, string Value)> Rows()
    {
        yield return ("ended", ReasonText(Exit.Reason));
        if (Exit.Exception is { } failure)
            yield return ("why", failure is RemoteException remote ? $"{remote.TypeName}: {remote.Message}\n{OwnFrames(remote)}".TrimEnd() : failure.Message.TrimEnd());
        if (Result is not null)
            yield return ("result", Result);
        // Of a method that threw, the process ended as it should: its 0 would only confuse.
        if (Exit.ExitCode is { } code && (code != 0 || Exit.Exception is null))
            yield return ("exit code", Units.Format(code, Unit.Count));
        if (Exit.Signal is { } signal)
            yield return ("signal", Units.Format(signal, Unit.Count));
        yield return ("wall time", Units.Format(Exit.WallTime.TotalSeconds, Unit.Seconds));
        yield return ("CPU time", Exit.CpuTime is { } cpu ? Units.Format(cpu.TotalSeconds, Unit.Seconds) : Unknown);
        yield return ("peak memory", Exit.PeakMemoryBytes is { } peak ? Units.Format(peak, Unit.Bytes) : Unknown);
        yield return ("context switches", Exit is { VoluntaryContextSwitches: { } waiting, InvoluntaryContextSwitches: { } taken }
            ? $"{Units.Format(waiting, Unit.Count)} to wait, {Units.Format(taken, Unit.Count)} taken away"
            : Unknown);
    }

    /// <summary>The stack down to the method that was called; below it are this tool and the library.</summary>
    private static string OwnFrames(RemoteException failure) => string.Join('\n', (failure.RemoteStackTrace ?? "").Split('\n').TakeWhile(static frame =>
        !frame.Contains(" System.Reflection.Method", StringComparison.Ordinal) && !frame.Contains(typeof(MethodRun).FullName!, StringComparison.Ordinal)));

    private static string ReasonText(WorkerExitReason reason) => reason switch
    {
        WorkerExitReason.Completed => "completed",
        WorkerExitReason.Failed => "failed",
        WorkerExitReason.Killed => "killed",
        WorkerExitReason.TimedOut => "timed out",
        WorkerExitReason.MemoryLimit => "memory limit",
        WorkerExitReason.CpuLimit => "CPU limit",
        WorkerExitReason.ProcessCountLimit => "limit of processes and threads",
        WorkerExitReason.OpenFilesLimit => "limit of open files",
        WorkerExitReason.OutputLimit => "output limit",
        WorkerExitReason.Crashed => "crashed",
        _ => "lost",
    };
}
