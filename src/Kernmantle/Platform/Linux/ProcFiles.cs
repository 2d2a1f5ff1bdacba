using System.Globalization;
using System.Text;

namespace Kernmantle.Platform.Linux;

/// <summary>What the kernel tells of this process, of others and of the machine in files: read here, and judged by who asks. Nothing, where a file is missing or hidden.</summary>
internal static class ProcFiles
{
    /// <summary>Counts of the whole system: see <see cref="CountIn"/>.</summary>
    public const string SystemCounts = "/proc/vmstat";

    /// <summary>Of the times that the kernel tells: the same on every system.</summary>
    public const int TicksPerSecond = 100;

    /// <summary>Where in a process's line of state, after the name, the start time stands.</summary>
    private const int StartTimeField = 19;

    /// <summary>Where in it the kernel's own flags stand, and the one of them that says that it is being taken apart (<c>PF_EXITING</c> in linux/sched.h).</summary>
    private const int FlagsField = 6;
    private const uint Exiting = 4;

    /// <summary>What this process was started with: the program, then its arguments.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static string[] CommandLine() => File.ReadAllText("/proc/self/cmdline").TrimEnd('\0').Split('\0');

    /// <summary>Where this process works, also where that has been removed; null where it is not told.</summary>
    public static string? WorkingDirectory() => new FileInfo("/proc/self/cwd").LinkTarget;

    /// <summary>What is mounted where, as this process sees it: lines of <c>mountinfo</c>.</summary>
    public static string[] Mounts() => LinesOf("/proc/self/mountinfo");

    /// <summary>The control groups of this process, one a line.</summary>
    public static string[] ControlGroups() => LinesOf("/proc/self/cgroup");

    /// <summary>The letter of its state, when it was started, and whether it is being taken apart. One that nobody has reaped yet has all; null where there is no such process.</summary>
    public static (string Letter, string StartTime, bool IsExiting)? StateOf(int processId)
    {
        try
        {
            string stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}/stat"), Encoding.Latin1);
            string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return fields.Length > StartTimeField ? (fields[0], fields[StartTimeField], IsExiting(fields[FlagsField])) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Signals of the process's main thread; null where there is no such process.</summary>
    public static ThreadSignals? SignalsOf(int processId)
    {
        try
        {
            ulong pending = 0, blocked = 0;
            foreach (string line in File.ReadLines(string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}/status")))
            {
                if (line.StartsWith("SigPnd:", StringComparison.Ordinal) || line.StartsWith("ShdPnd:", StringComparison.Ordinal))
                    pending |= ulong.Parse(line.AsSpan(7).Trim(), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
                else if (line.StartsWith("SigBlk:", StringComparison.Ordinal))
                    blocked = ulong.Parse(line.AsSpan(7).Trim(), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
            }
            return new(pending, blocked);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            return null;
        }
    }

    /// <summary>The namespace of process numbers that this process lives in, and the machine's present run; null where either is not told.</summary>
    public static (string Numbers, string Boot)? Machine()
    {
        try
        {
            string numbers = new FileInfo("/proc/self/ns/pid").LinkTarget ?? "";
            return (numbers, File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>How long each processor has had nothing to do since the start of the system, in <see cref="TicksPerSecond"/>; none where it is not told.</summary>
    public static long[] IdleTimes()
    {
        try
        {
            List<long> times = [];
            foreach (string line in File.ReadLines("/proc/stat").Skip(1).TakeWhile(static l => l.StartsWith("cpu", StringComparison.Ordinal)))
            {
                string[] fields = line.Split(' ');
                int processor = int.Parse(fields[0].AsSpan(3), NumberStyles.None, CultureInfo.InvariantCulture);
                while (times.Count <= processor)
                    times.Add(0);   // one that is switched off has no line
                times[processor] = long.Parse(fields[4], NumberStyles.None, CultureInfo.InvariantCulture) + long.Parse(fields[5], NumberStyles.None, CultureInfo.InvariantCulture);
            }
            return [.. times];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException or IndexOutOfRangeException)
        {
            return [];
        }
    }

    /// <summary>The number behind a name, in a file of such lines as the kernel has them here and in control groups; null where there is none.</summary>
    public static long? CountIn(string file, string name)
    {
        try
        {
            return File.ReadLines(file).FirstOrDefault(l => l.StartsWith(name, StringComparison.Ordinal) && l.AsSpan(name.Length).StartsWith(' ')) is { } line
                && long.TryParse(line.AsSpan(name.Length + 1), NumberStyles.None, CultureInfo.InvariantCulture, out long count) ? count : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static bool IsExiting(string flags) => uint.TryParse(flags, NumberStyles.None, CultureInfo.InvariantCulture, out uint bits) && (bits & Exiting) != 0;

    private static string[] LinesOf(string file)
    {
        try
        {
            return File.ReadAllLines(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
