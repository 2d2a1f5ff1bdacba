using System.Globalization;
using Kernmantle.Tool.Lab.Running;
using Microsoft.Win32.SafeHandles;

namespace Kernmantle.Tool.Lab.Linux;

/// <summary>One line of <c>/proc/self/maps</c>: a range of addresses, and the file behind it if there is one.</summary>
internal sealed record Mapping(ulong From, ulong To, string Rights, string File);

/// <summary>What the system says about this process.</summary>
internal static class Proc
{
    /// <summary>The resident memory, in bytes, with pages that are shared divided among those who share them.</summary>
    public static long ProportionalBytes() => ProportionalBytes(Environment.ProcessId);

    /// <summary>The same of another process of this user.</summary>
    public static long ProportionalBytes(int process) => Kilobytes(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/smaps_rollup"), "Pss:");

    /// <summary>The processes that this one has started and that still are.</summary>
    public static IReadOnlyList<int> Children()
    {
        List<int> children = [];
        foreach (string folder in Directory.GetDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out int process))
                continue;
            try
            {
                // "7 (name, with anything in it) S 1 ...": state and parent stand behind the last parenthesis.
                string stat = File.ReadAllText(Path.Combine(folder, "stat"));
                string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
                if (fields[0] != "Z" && int.Parse(fields[1], CultureInfo.InvariantCulture) == Environment.ProcessId)
                    children.Add(process);
            }
            catch (IOException)
            {
                // It has ended since the folder was listed: nobody's child any more.
            }
        }
        return children;
    }

    /// <summary>The resident memory, in bytes.</summary>
    public static long ResidentBytes() => Kilobytes("/proc/self/status", "VmRSS:");

    /// <summary>The most memory that this process had resident, in bytes, since it began or <see cref="ForgetPeak"/> was called.</summary>
    public static long PeakBytes() => Kilobytes("/proc/self/status", "VmHWM:");

    /// <summary>Lets <see cref="PeakBytes"/> begin anew, where the system allows that: in a container whose /proc is read-only, peaks are those since the beginning.</summary>
    public static void ForgetPeak()
    {
        try
        {
            File.WriteAllText("/proc/self/clear_refs", "5");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // As the summary says.
        }
    }

    /// <summary>What the machine could give to new programs, in bytes.</summary>
    public static long AvailableBytes() => Kilobytes("/proc/meminfo", "MemAvailable:");

    public static int Threads() => Directory.GetDirectories("/proc/self/task").Length;

    /// <summary>The main thread's number is the process's.</summary>
    public static bool HasMainThread() => Directory.Exists(string.Create(CultureInfo.InvariantCulture, $"/proc/self/task/{Environment.ProcessId}"));

    /// <summary>The range of this process's memory that an address lies in.</summary>
    public static Mapping MappingOf(long address) =>
        File.ReadLines("/proc/self/maps").Select(Parse).First(mapping => (ulong)address >= mapping.From && (ulong)address < mapping.To);

    /// <summary>Bytes of a loaded file's pages that other processes use at the same time.</summary>
    public static long SharedBytesOf(string fileName)
    {
        long sum = 0;
        bool within = false;
        foreach (string line in File.ReadLines("/proc/self/smaps"))
        {
            if (line.Length > 0 && char.IsAsciiHexDigitLower(line[0]))
                within = line.EndsWith("/" + fileName, StringComparison.Ordinal);
            else if (within && line.StartsWith("Shared_Clean:", StringComparison.Ordinal))
                sum += Number(line);
        }
        return sum;
    }

    /// <summary>What this process has at an address; null if it has nothing there.</summary>
    public static unsafe long? ReadMemory(long address)
    {
        using SafeFileHandle memory = File.OpenHandle("/proc/self/mem");
        long value;
        try
        {
            return RandomAccess.Read(memory, new Span<byte>(&value, sizeof(long)), address) == sizeof(long) ? value : null;
        }
        catch (IOException)
        {
            return null;   // EIO: nothing is mapped there
        }
    }

    /// <exception cref="UnavailableException">This kernel does not tell it.</exception>
    private static long Kilobytes(string file, string name)
    {
        // Old kernels, and what stands in for a kernel in some containers, have not every file. That of a process that has ended is no such case.
        string own = Path.Combine("/proc/self", Path.GetFileName(file));
        if (!File.Exists(file) && !File.Exists(own))
            throw new UnavailableException($"The system has no {file}.");
        return Number(File.ReadLines(file).FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal)) ?? throw new UnavailableException($"{file} does not tell {name.TrimEnd(':')}."));
    }

    private static long Number(string line) =>
        long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) << 10;

    private static Mapping Parse(string line)
    {
        string[] parts = line.Split(' ', 6, StringSplitOptions.RemoveEmptyEntries);
        string[] range = parts[0].Split('-');
        return new(
            ulong.Parse(range[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture),
            ulong.Parse(range[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture),
            parts[1],
            parts.Length > 5 ? parts[5] : "");
    }
}
