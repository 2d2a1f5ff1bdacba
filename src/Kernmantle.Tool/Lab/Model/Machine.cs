using System.Globalization;
using System.Runtime.InteropServices;

namespace Kernmantle.Tool.Lab.Model;

/// <summary>What figures depend on. No names of hosts or users: reports are shown to others.</summary>
/// <param name="Processors">Those that this process may use.</param>
/// <param name="Load">How many threads ran or wanted to run on average in the minute before: others' work makes figures vary. Null where the system does not say.</param>
/// <param name="CacheBytes">Sizes of the first processor's data and unified caches, from the nearest on; empty where they are unknown.</param>
/// <param name="CacheSource">Who told them; null where they are unknown.</param>
internal sealed record Machine(
    string OperatingSystem,
    string Architecture,
    string Processor,
    int Processors,
    double? Load,
    long MemoryBytes,
    IReadOnlyList<long> CacheBytes,
    string Runtime,
    CacheSource? CacheSource = null)
{
    /// <summary>Said where others had so much of the processors that speed-ups may be theirs, not the experiments'; null where not.</summary>
    public string? Warning() => Load is { } load && load > Processors / 2.0
        ? $"Before the run {load.ToString("0.0", CultureInfo.InvariantCulture)} threads ran or wanted to, on {Processors} processors: if others still ran, trust no speed-up. Run it again when nothing else runs."
        : null;

    public CacheSizes Caches() => new(CacheBytes, CacheSource);

    public static Machine Here(CacheSizes caches) => new(
        RuntimeInformation.OSDescription,
        RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant(),
        ProcessorName(),
        Environment.ProcessorCount,
        LoadAverage(),
        GC.GetGCMemoryInfo(GCKind.Any).TotalAvailableMemoryBytes,
        caches.Bytes,
        RuntimeInformation.FrameworkDescription,
        caches.Source);

    private static double? LoadAverage()
    {
        const string Average = "/proc/loadavg";
        return File.Exists(Average) ? double.Parse(File.ReadAllText(Average).Split(' ')[0], CultureInfo.InvariantCulture) : null;
    }

    private static string ProcessorName()
    {
        const string Info = "/proc/cpuinfo";
        string? line = File.Exists(Info) ? File.ReadLines(Info).FirstOrDefault(static line => line.StartsWith("model name", StringComparison.Ordinal)) : null;
        return line is null ? "unknown" : line[(line.IndexOf(':') + 1)..].Trim();
    }
}
