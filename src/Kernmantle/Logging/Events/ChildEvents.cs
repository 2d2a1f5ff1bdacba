using Microsoft.Extensions.Logging;

namespace Kernmantle.Logging.Events;

/// <summary>Records that are written in a worker process: ids 1400 to 1499.</summary>
internal static partial class ChildEvents
{
    [LoggerMessage(1400, LogLevel.Information, "Process {ProcessId} waits for a debugger.")]
    public static partial void WaitsForDebugger(ILogger logger, int processId);

    /// <summary>By this the host knows it.</summary>
    public const string ExitText = "This process ends by Environment.Exit(";

    [LoggerMessage(1401, LogLevel.Information, ExitText + "{ExitCode}).")]
    public static partial void CallsExit(ILogger logger, int exitCode);

    [LoggerMessage(1410, LogLevel.Error, "Disposing of a {Type} failed")]
    public static partial void DisposalFailed(ILogger logger, Exception exception, Type type);

    [LoggerMessage(1412, LogLevel.Debug, "Function {Id} could not be made ready: its first call says why.")]
    public static partial void NotMadeReady(ILogger logger, Exception exception, int id);

    [LoggerMessage(1411, LogLevel.Error, "A callback of a cancelled token failed in call {Id}")]
    public static partial void TokenCallbackFailed(ILogger logger, Exception exception, long id);

    [LoggerMessage(1420, LogLevel.Warning, "Log records are dropped from here on: the host does not take them as fast as they are written.")]
    public static partial void DropsFromHere(ILogger logger);

    [LoggerMessage(1421, LogLevel.Warning, "{Records} log records were dropped.")]
    public static partial void Dropped(ILogger logger, long records);

    [LoggerMessage(1422, LogLevel.Warning, "The span {Span} could not be sent to the host. That is said once.")]
    public static partial void SpanNotSent(ILogger logger, Exception exception, string span);
}
