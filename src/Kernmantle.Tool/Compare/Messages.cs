using Kernmantle.Python;

namespace Kernmantle.Tool.Compare;

/// <summary>Failures in one line.</summary>
internal static class Messages
{
    private const int MaxLetters = 200;

    public static string Of(Exception failure)
    {
        if (failure is WorkerCrashedException crash)
            return Crash(crash);
        string type = failure switch
        {
            RemoteException remote => remote.TypeName[(remote.TypeName.LastIndexOf('.') + 1)..],
            PythonException python => python.TypeName,
            _ => failure.GetType().Name,
        };
        string line = failure.Message.Split('\n', 2)[0].Trim();
        if (line.Length > MaxLetters)
            line = line[..MaxLetters] + "…";
        return line.Contains(type, StringComparison.Ordinal) ? line : $"{type}: {line}";
    }

    /// <summary>Which worker it was and what it ran is known; what matters is how it ended, and the likely cause's first sentence.</summary>
    private static string Crash(WorkerCrashedException crash)
    {
        string how = crash.Signal is { } signal ? $"signal {signal}" : crash.ExitCode is { } code ? $"exit code {code}" : crash.Reason.ToString();
        string said = crash.LastLogLines.FirstOrDefault(static line => !string.IsNullOrWhiteSpace(line))?.Trim() ?? "";
        string cause = crash.LikelyCauses is [var likely, ..] ? likely.Split(". ", 2)[0].TrimEnd('.') : "";
        string why = cause.StartsWith("A stack overflow", StringComparison.Ordinal) || said.Length == 0 ? cause : said;
        return why.Length > 0 ? $"{how}: {(why.Length > MaxLetters ? why[..MaxLetters] + "…" : why)}" : how;
    }
}
