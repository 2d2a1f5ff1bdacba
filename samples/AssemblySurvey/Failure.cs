using System.Globalization;
using AssemblySurvey.Reading;
using Kernmantle;

namespace AssemblySurvey;

/// <summary>A failure in a few words that are the same on every run: no process ids, times or temporary paths.</summary>
/// <param name="Type">The type of the exception the call ended with.</param>
internal sealed record Failure(string Type, string Reason)
{
    public static Failure Of(Exception exception, SurveyItem item) =>
        new(exception.GetType().Name, ReasonOf(exception).Replace(item.Path, item.Name, StringComparison.Ordinal));

    private static string ReasonOf(Exception exception) => exception switch
    {
        WorkerCrashedException crash => CrashReasonOf(crash),
        CallTimeoutException { StillRunning: true } timeout => $"not done after {Seconds(timeout)}, and its thread still runs",
        CallTimeoutException timeout => $"not done after {Seconds(timeout)}; its process was killed",
        MemoryLimitException memory => string.Create(CultureInfo.InvariantCulture, $"wanted more than the {memory.LimitBytes >> 20} MiB its process may have"),
        CpuLimitException cpu => $"used more than the {cpu.Limit?.TotalSeconds:0.#} s of processor time that it may",
        ProcessCountLimitException processes => $"wanted more than the {processes.Limit} processes and threads that it may have",
        OpenFilesLimitException files => $"wanted more than the {files.Limit} open files that it may have",
        OutputLimitException output => $"wrote more than the {output.LimitBytes >> 20} MiB that it may",
        RemoteException remote => $"{remote.TypeName}: {FirstLine(remote.Message)}",
        _ => FirstLine(exception.Message),
    };

    private static string CrashReasonOf(WorkerCrashedException crash) => crash switch
    {
        { Reason: CrashReason.Exited, ExitCode: { } code } => $"ended its process with exit code {code}",
        { Reason: CrashReason.RuntimeAbort } when crash.LastLogLines.Any(IsStackOverflow) => "overflowed its process's stack",
        { Signal: { } signal } => $"{crash.Reason}: its process was ended by signal {signal}",
        _ => crash.Reason.ToString(),
    };

    /// <summary>The runtime's last words.</summary>
    private static bool IsStackOverflow(string line) => line.StartsWith("Stack overflow", StringComparison.Ordinal);

    private static string Seconds(CallTimeoutException timeout) =>
        string.Create(CultureInfo.InvariantCulture, $"{timeout.Timeout.TotalSeconds:0.#} s");

    private static string FirstLine(string text) => text.Split('\n', 2)[0].TrimEnd();
}
