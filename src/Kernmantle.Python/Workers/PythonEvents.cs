using Microsoft.Extensions.Logging;

namespace Kernmantle.Python.Workers;

/// <summary>Records of Python workers: ids 2000 to 2099. The table in docs/logging.md lists them.</summary>
internal static partial class PythonEvents
{
    [LoggerMessage(2000, LogLevel.Warning, "A Python worker (pid {ProcessId}) takes no memory any more: killed.")]
    public static partial void TakesNoMemory(ILogger logger, int processId);

    [LoggerMessage(2001, LogLevel.Debug, "{Interpreter} did not compile the agent (exit code {Code}): its workers compile it themselves.")]
    public static partial void AgentNotCompiled(ILogger logger, string interpreter, int code);

    [LoggerMessage(2002, LogLevel.Debug, "{Interpreter} did not compile the agent: its workers compile it themselves.")]
    public static partial void AgentCompilerFailed(ILogger logger, Exception exception, string interpreter);
}
