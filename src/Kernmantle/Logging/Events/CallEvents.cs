using Microsoft.Extensions.Logging;

namespace Kernmantle.Logging.Events;

/// <summary>Records of calls and of what they run on in this process: ids 1200 to 1299.</summary>
#pragma warning disable SYSLIB1015 // Properties that the text does not show are for whoever reads records as data: they are named as their parameters are.
internal static partial class CallEvents
{
    [LoggerMessage(1200, LogLevel.Error, "A call failed and nobody observed it: {Call}")]
    public static partial void Unobserved(ILogger logger, Exception failure, string? call);

    [LoggerMessage(1201, LogLevel.Error, "Worker {Worker} failed: {Failure}")]
    public static partial void SingleWorkerFailed(ILogger logger, string worker, string failure, int? ProcessId, WorkerExitReason Reason, int? ExitCode, int? Signal, double DurationMilliseconds);

    [LoggerMessage(1210, LogLevel.Error, "The progress sink of {Call} threw.")]
    public static partial void ProgressSinkThrew(ILogger logger, Exception exception, string call);

    [LoggerMessage(1211, LogLevel.Error, "A cancellation callback of {Call} threw.")]
    public static partial void CancellationCallbackThrew(ILogger logger, Exception exception, string call);

    [LoggerMessage(1212, LogLevel.Error, "A callback of {Call} threw.")]
    public static partial void CallbackThrew(ILogger logger, Exception exception, string call);

    [LoggerMessage(1213, LogLevel.Warning, "{Call} assigns {Variables}: it changes the worker's copy, and the host never sees it. Return the value instead.")]
    public static partial void AssignsCaptured(ILogger logger, string call, string variables);

    [LoggerMessage(1214, LogLevel.Error, "The retry policy of {Call} threw: it is not tried again.")]
    public static partial void RetryPolicyThrew(ILogger logger, Exception exception, string call);

    [LoggerMessage(1220, LogLevel.Error, "An object of {Worker} could not be disposed of.")]
    public static partial void ObjectNotDisposed(ILogger logger, Exception exception, string worker);

    [LoggerMessage(1221, LogLevel.Error, "The objects of {Worker} could not be disposed of.")]
    public static partial void ObjectsNotDisposed(ILogger logger, Exception exception, string? worker);

    [LoggerMessage(1230, LogLevel.Warning, "{Call} blocks the event loop {Worker}, for {Milliseconds:F0} ms so far.")]
    public static partial void BlocksLoop(ILogger logger, string call, string worker, double milliseconds);

    [LoggerMessage(1231, LogLevel.Warning, "{Call} blocked the event loop {Worker} for {Milliseconds:F0} ms. Nothing else ran meanwhile: await instead, or use another place.")]
    public static partial void BlockedLoop(ILogger logger, string call, string worker, double milliseconds);
}
