using System.Globalization;
using System.Runtime.ExceptionServices;

namespace Kernmantle;

/// <summary>Where a worker stands.</summary>
public enum WorkerState
{
    /// <summary>Not started.</summary>
    Created,

    /// <summary>Started, its function not ended.</summary>
    Running,

    /// <summary>Asked to stop or killed, and not ended yet.</summary>
    Stopping,

    /// <summary>Ended; <see cref="Worker.Completion"/> has its exit record.</summary>
    Ended,
}

/// <summary>Why a worker ended.</summary>
public enum WorkerExitReason
{
    /// <summary>Its function returned.</summary>
    Completed,

    /// <summary>Its function threw, or could not be run.</summary>
    Failed,

    /// <summary><see cref="Worker.Kill"/> ended it.</summary>
    Killed,

    /// <summary>It ran longer than its timeout and was killed.</summary>
    TimedOut,

    /// <summary>It reached its memory limit.</summary>
    MemoryLimit,

    /// <summary>It used too much processor time.</summary>
    CpuLimit,

    /// <summary>It wanted too many processes or threads.</summary>
    ProcessCountLimit,

    /// <summary>It wanted too many open files.</summary>
    OpenFilesLimit,

    /// <summary>It wrote too much output.</summary>
    OutputLimit,

    /// <summary>It ended by itself, by a signal or an exit code.</summary>
    Crashed,

    /// <summary>It is gone, and the system did not say how.</summary>
    Lost,
}

/// <summary>The exit record of a worker: why it ended and what it used. Immutable.</summary>
public sealed class WorkerExit
{
    internal WorkerExit()
    {
    }

    /// <summary>Why it ended.</summary>
    public WorkerExitReason Reason { get; internal init; }

    /// <summary>The exit code of its process; null for threads, and where a signal ended it.</summary>
    public int? ExitCode { get; internal init; }

    /// <summary>The number of the signal that ended its process, if one did.</summary>
    public int? Signal { get; internal init; }

    /// <summary>The failure that <see cref="ThrowIfFailed"/> throws; null where it completed.</summary>
    public Exception? Exception { get; internal set; }

    /// <summary>From its start to its end.</summary>
    public TimeSpan WallTime { get; internal set; }

    /// <summary>Processor time, user and system together; null where the system does not say.</summary>
    public TimeSpan? CpuTime { get; internal init; }

    /// <summary>The most memory its process had resident, in bytes; null for threads, which share their process's.</summary>
    public long? PeakMemoryBytes { get; internal init; }

    /// <summary>How often it gave up the processor to wait; null where the system does not say.</summary>
    public long? VoluntaryContextSwitches { get; internal init; }

    /// <summary>How often the processor was taken from it; null where the system does not say.</summary>
    public long? InvoluntaryContextSwitches { get; internal init; }

    /// <summary>Why it ended, how, and after how long: for logs and messages.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Reason}{(ExitCode is { } code ? $", exit code {code}" : "")}{(Signal is { } signal ? $", signal {signal}" : "")}, after {WallTime.TotalSeconds:F3} s");

    /// <summary>Throws <see cref="Exception"/> if there is one.</summary>
    public void ThrowIfFailed()
    {
        if (Exception is not null)
            ExceptionDispatchInfo.Throw(Exception);
    }
}
