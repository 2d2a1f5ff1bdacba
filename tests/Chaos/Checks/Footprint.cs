using System.Globalization;
using System.Text.RegularExpressions;
using Kernmantle.Chaos.Faults;
using Kernmantle.Chaos.Workers;

namespace Kernmantle.Chaos.Checks;

/// <summary>What this process holds, and what it left in the system.</summary>
internal sealed partial class Footprint
{
    /// <summary>Caches of the runtime and the library that fill once.</summary>
    private const long ManagedTolerance = 4L << 20;

    /// <summary>So many free shared buffers does the library keep.</summary>
    private const int MostKeptBuffers = 64;

    private readonly SortedDictionary<string, int> counts = new(StringComparer.Ordinal);

    public long ManagedBytes { get; private init; }

    public static Footprint Take(string folder)
    {
        for (int i = 0; i < 3; i++)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }
        var taken = new Footprint { ManagedBytes = GC.GetTotalMemory(forceFullCollection: true) };
        foreach (string link in Directory.GetFiles("/proc/self/fd"))
            taken.Add("descriptor " + (new FileInfo(link).LinkTarget is { } target ? Numbers().Replace(target, "") : "closed"));
        foreach (string line in File.ReadLines("/proc/self/maps").Where(static l => l.Contains("memfd:kern", StringComparison.Ordinal)))
            taken.Add("mapping " + line[line.IndexOf('/', StringComparison.Ordinal)..]);
        foreach (int thread in ProcFiles.ThreadsOf(Environment.ProcessId))
            taken.Add("thread " + NameOfThread(thread));
        foreach (ProcFiles.Stat child in ProcFiles.ChildrenOfThis())
            taken.Add($"{(child.IsZombie ? "zombie" : "child")} {child.Name}");
        foreach (int id in ProcFiles.All().Where(id => id != Environment.ProcessId && IsOurs(id, folder)))
            taken.Add($"process {ProcFiles.ReadStat(id)?.Name}");
        foreach (string file in Directory.Exists("/dev/shm") ? Directory.GetFileSystemEntries("/dev/shm", "*", new EnumerationOptions { RecurseSubdirectories = true }).Where(IsOurs) : [])
            taken.Add("/dev/shm " + Path.GetFileName(file));
        foreach (string group in Groups())
            taken.Add("control group " + group);
        return taken;
    }

    /// <summary>What is here that was not there.</summary>
    public IEnumerable<string> LeakedSince(Footprint baseline)
    {
        foreach ((string what, int count) in counts)
        {
            int before = baseline.counts.GetValueOrDefault(what);
            if (what.Contains("memfd:kernmantle-buffer", StringComparison.Ordinal))
                before = Math.Max(before, MostKeptBuffers);
            if (count > before && !IsRuntimes(what))
                yield return $"{what}: {count}, was {before}";
        }
        if (ManagedBytes > baseline.ManagedBytes + ManagedTolerance)
            yield return $"managed memory: {ManagedBytes >> 10} KiB, was {baseline.ManagedBytes >> 10} KiB";
    }

    public override string ToString() =>
        $"managed {ManagedBytes >> 10} KiB, " + string.Join(", ", counts.GroupBy(static c => c.Key[..c.Key.IndexOf(' ', StringComparison.Ordinal)]).Select(static g => $"{g.Sum(static c => c.Value)} {g.Key}s"));

    /// <summary>The runtime's own thread pool comes and goes; assemblies, and what a stack trace is read from, are opened when they are needed first.</summary>
    private static bool IsRuntimes(string what) =>
        what.StartsWith("thread .NET TP", StringComparison.Ordinal) || what.StartsWith("thread .NET Tiered", StringComparison.Ordinal) || (what.StartsWith("descriptor /", StringComparison.Ordinal) && (what.EndsWith(".dll", StringComparison.Ordinal) || what.EndsWith(".pdb", StringComparison.Ordinal)))
        || what == "descriptor closed";

    private void Add(string what) => counts[what] = counts.GetValueOrDefault(what) + 1;

    private static string NameOfThread(int thread)
    {
        try
        {
            return File.ReadAllText($"/proc/self/task/{thread}/comm").Trim();
        }
        catch (IOException)
        {
            return ".NET TP, ended";
        }
    }

    /// <summary>Others may use the folder too, another soak among them.</summary>
    private static bool IsOurs(string file) => file.Contains("kernmantle", StringComparison.OrdinalIgnoreCase) && !(file.Contains("chaos-", StringComparison.Ordinal) && !file.Contains($"chaos-{Environment.ProcessId}-", StringComparison.Ordinal));

    private static bool IsOurs(int id, string folder)
    {
        try
        {
            return File.ReadAllText($"/proc/{id}/environ").Contains($"{BegunLog.Variable}={folder}", StringComparison.Ordinal);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static IEnumerable<string> Groups()
    {
        if (!Directory.Exists("/sys/fs/cgroup"))
            return [];
        string mark = string.Create(CultureInfo.InvariantCulture, $"-{Environment.ProcessId}-");
        return Directory.EnumerateDirectories("/sys/fs/cgroup", "kernmantle-*", new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 6 })
            .Where(d => d.Contains(mark, StringComparison.Ordinal));
    }

    [GeneratedRegex(@"\[?\d{3,}\]?")]
    private static partial Regex Numbers();
}
