using System.Globalization;
using System.Text;

namespace Kernmantle.Host.Launch.Spawning;

/// <summary>
/// Names a process for good, on this machine and until it is started anew: its number, the time of its start, and the space of
/// numbers it lives in (containers have their own). Files and groups that outlive their maker bear it.
/// </summary>
internal static class HostMark
{
    /// <summary>Where in <c>/proc/PID/stat</c>, after the name, the start time stands.</summary>
    private const int StartTimeField = 19;

    /// <summary>As a space of numbers: it cannot be told from others.</summary>
    private const string Unknown = "0";

    /// <summary>This process.</summary>
    public static string Current { get; } = string.Create(CultureInfo.InvariantCulture, $"{Space}-{Environment.ProcessId}-{StartTimeOf(Environment.ProcessId) ?? "0"}");

    /// <summary>The namespace of process numbers, and the machine's present run.</summary>
    private static string Space => field ??= SpaceOfThis();

    /// <summary>The start time as <c>/proc</c> has it; null where there is no such process, or it is hidden. One that nobody has reaped yet has it too.</summary>
    public static string? StartTimeOf(int processId) => Read(processId) is [.., var start] ? start : null;

    /// <summary>There is such a process and it has not ended, be it that nobody has reaped it yet.</summary>
    public static bool IsAlive(int processId, string startTime) => Read(processId) is [not ("Z" or "X"), var start] && start == startTime;

    /// <summary>Its state and its start time; nothing where that cannot be read.</summary>
    private static string[] Read(int processId)
    {
        try
        {
            string stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}/stat"), Encoding.Latin1);
            string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return fields.Length > StartTimeField ? [fields[0], fields[StartTimeField]] : [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

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

    private static string SpaceOfThis()
    {
        try
        {
            string numbers = new FileInfo("/proc/self/ns/pid").LinkTarget ?? "";
            string boot = File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim().Replace("-", "", StringComparison.Ordinal);
            return $"{numbers.AsSpan().TrimStart("pid:[").TrimEnd(']')}x{boot}";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Unknown;
        }
    }
}
