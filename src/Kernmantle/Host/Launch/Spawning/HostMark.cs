using System.Globalization;
using Kernmantle.Platform.Linux;

namespace Kernmantle.Host.Launch.Spawning;

/// <summary>
/// Names a process for good, on this machine and until it is started anew: its number, the time of its start, and the space of
/// numbers it lives in (containers have their own). Files and groups that outlive their maker bear it.
/// </summary>
internal static class HostMark
{
    /// <summary>As a space of numbers: it cannot be told from others.</summary>
    private const string Unknown = "0";

    /// <summary>This process.</summary>
    public static string Current { get; } = string.Create(CultureInfo.InvariantCulture, $"{Space}-{Environment.ProcessId}-{StartTimeOf(Environment.ProcessId) ?? "0"}");

    /// <summary>The namespace of process numbers, and the machine's present run.</summary>
    private static string Space => field ??= ProcFiles.Machine() is (var numbers, var boot)
        ? $"{numbers.AsSpan().TrimStart("pid:[").TrimEnd(']')}x{boot.Replace("-", "", StringComparison.Ordinal)}"
        : Unknown;

    /// <summary>The start time as <c>/proc</c> has it; null where there is no such process, or it is hidden. One that nobody has reaped yet has it too.</summary>
    public static string? StartTimeOf(int processId) => ProcFiles.StateOf(processId)?.StartTime;

    /// <summary>There is such a process and it has not ended, be it that nobody has reaped it yet.</summary>
    public static bool IsAlive(int processId, string startTime) => ProcFiles.StateOf(processId) is (not ("Z" or "X"), var start, _) && start == startTime;

    /// <summary>The mark is one of this space of numbers, and its process has certainly ended.</summary>
    public static bool IsOfTheDead(string mark)
    {
        string[] parts = mark.Split('-');
        return parts.Length == 3
            && parts[0] == Space
            && Space != Unknown
            && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int processId)
            && StartTimeOf(Environment.ProcessId) is not null   // else /proc tells nothing
            && !IsAlive(processId, parts[2]);
    }
}
