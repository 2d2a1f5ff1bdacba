using System.Globalization;
using System.Text;

namespace Kernmantle.Processes.Launch.Spawning;

/// <summary>
/// Names a process for good, on this machine and until it is started anew: its number, the time of its start, and the space of
/// numbers it lives in (containers have their own). Files and groups that outlive their maker bear it.
/// </summary>
internal static class HostMark
{
    /// <summary>Where in <c>/proc/PID/stat</c>, after the name, the start time stands.</summary>
    private const int StartTimeField = 19;

    /// <summary>This process.</summary>
    public static string Current { get; } = string.Create(CultureInfo.InvariantCulture, $"{Space}-{Environment.ProcessId}-{StartTimeOf(Environment.ProcessId) ?? "0"}");

    /// <summary>The namespace of process numbers, and the machine's present run.</summary>
    private static string Space => field ??= SpaceOfThis();

    /// <summary>The start time as <c>/proc</c> has it; null where there is no such process, or it is hidden.</summary>
    public static string? StartTimeOf(int processId)
    {
        try
        {
            string stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}/stat"), Encoding.Latin1);
            string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return fields.Length > StartTimeField ? fields[StartTimeField] : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>The mark is one of this space of numbers, and its process has certainly ended.</summary>
    public static bool IsOfTheDead(string mark)
    {
        string[] parts = mark.Split('-');
        return parts.Length == 3
            && parts[0] == Space
            && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int processId)
            && StartTimeOf(Environment.ProcessId) is not null   // else /proc tells nothing
            && StartTimeOf(processId) != parts[2];
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
            return "0";
        }
    }
}
