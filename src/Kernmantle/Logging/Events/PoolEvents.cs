using Microsoft.Extensions.Logging;

namespace Kernmantle.Logging.Events;

/// <summary>
/// Records of pools and of the lives of their workers: ids 1000 to 1099. The table in docs/logging.md lists the records of all such classes, and a test
/// compares the two.
/// </summary>
#pragma warning disable SYSLIB1015 // Properties that the text does not show are for whoever reads records as data: they are named as their parameters are.
internal static partial class PoolEvents
{
    // --- Deaths ---

    [LoggerMessage(1000, LogLevel.Error, "{Worker} did not start: {Cause}")]
    public static partial void WorkerDidNotStart(ILogger logger, string worker, string cause, int? ProcessId, string Reason, int? ExitCode, int? Signal);

    [LoggerMessage(1001, LogLevel.Warning, "{Cause}")]
    public static partial void WorkerCrashed(ILogger logger, string cause, string Worker, int? ProcessId, string Reason, int? ExitCode, int? Signal, string Call, long CallNumber, double? DurationMilliseconds);

    [LoggerMessage(1002, LogLevel.Warning, "{Worker} died while it ran no call: {Cause}")]
    public static partial void WorkerDiedIdle(ILogger logger, string worker, string cause, int? ProcessId, string Reason, int? ExitCode, int? Signal);

    [LoggerMessage(1003, LogLevel.Warning, "{Worker} (pid {ProcessId}) was killed while it ran {Call}, after {DurationMilliseconds:F0} ms. Reason: {Reason}.")]
    public static partial void WorkerKilled(ILogger logger, string worker, int? processId, string call, double durationMilliseconds, string reason, long CallNumber);

    [LoggerMessage(1004, LogLevel.Warning, "{Worker} was let go of while it ran {Call}, after {DurationMilliseconds:F0} ms. Reason: {Reason}. A thread cannot be stopped: the function may go on.")]
    public static partial void ThreadLetGo(ILogger logger, string worker, string call, double durationMilliseconds, string reason, long CallNumber);

    [LoggerMessage(1005, LogLevel.Warning, "{Worker} (pid {ProcessId}) is replaced after {Call}, which left it unfit: {Cause}")]
    public static partial void WorkerUnfit(ILogger logger, string worker, int? processId, string call, string? cause, string? Reason, long CallNumber);

    [LoggerMessage(1006, LogLevel.Warning, "{Worker} (pid {ProcessId}) was killed on request while it ran no call.")]
    public static partial void WorkerKilledIdle(ILogger logger, string worker, int? processId);

    // --- Planned ends ---

    [LoggerMessage(1010, LogLevel.Information, "{Worker} (pid {ProcessId}) is recycled: {Why}.")]
    public static partial void WorkerRecycled(ILogger logger, string worker, int? processId, string why);

    [LoggerMessage(1011, LogLevel.Information, "{Worker} (pid {ProcessId}) is replaced before {Call}: what it holds leaves the call no room under its memory limit.")]
    public static partial void WorkerWorn(ILogger logger, string worker, int? processId, string call, long CallNumber);

    [LoggerMessage(1012, LogLevel.Information, "{Worker} (pid {ProcessId}) is replaced after {Call}, as it is after each such call.")]
    public static partial void WorkerSpent(ILogger logger, string worker, int? processId, string call, long CallNumber);

    [LoggerMessage(1013, LogLevel.Information, "{Worker} (pid {ProcessId}) ends: the pool is disposed of.")]
    public static partial void WorkerDisposed(ILogger logger, string worker, int? processId);

    [LoggerMessage(1014, LogLevel.Information, "{Worker} ends: it has had no call for {IdleSeconds:F0} s.")]
    public static partial void WorkerIdle(ILogger logger, string worker, double idleSeconds, int? ProcessId);

    // --- What follows ---

    [LoggerMessage(1020, LogLevel.Information, "{Worker} takes calls again, {ReplacementMilliseconds:F0} ms after the one before it had ended.")]
    public static partial void WorkerReplaced(ILogger logger, string worker, int? ProcessId, double replacementMilliseconds, bool WasSpare);

    [LoggerMessage(1030, LogLevel.Critical, "Pool {Pool} has given up: its workers do not stay alive.")]
    public static partial void PoolBroken(ILogger logger, Exception cause, string pool);

    [LoggerMessage(1032, LogLevel.Critical, "Pool {Pool} has given up for {PauseMilliseconds:F0} ms: its workers do not stay alive.")]
    public static partial void PoolPaused(ILogger logger, Exception cause, string pool, double pauseMilliseconds);

    [LoggerMessage(1033, LogLevel.Warning, "Pool {Pool} goes on: a worker stays alive.")]
    public static partial void PoolHealed(ILogger logger, string pool);

    [LoggerMessage(1031, LogLevel.Error, "Pool {Pool} could not start or end a worker in order.")]
    public static partial void DisorderlyEnd(ILogger logger, Exception exception, string pool);

    [LoggerMessage(1034, LogLevel.Error, "Pool {Pool} could not do all that a change of its state left to be done ({Effect}). That is a defect of Kernmantle: please report it.")]
    public static partial void EffectFailed(ILogger logger, Exception exception, string pool, string effect, string? Call);
}
