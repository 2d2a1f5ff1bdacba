namespace Kernmantle.Host.Launch;

/// <summary>
/// The settings of a worker's garbage collector that are ours. Arrays of 85 000 bytes to a few MiB are what large payloads are decoded into, and short-lived: as large objects they cost a full
/// collection every 3 MiB, which gives their pages back to the system, so that each is touched for the first time again (measured: 250 page faults and 0.7 ms of processor time for each MiB that
/// is echoed, instead of 5 and 0.2 ms). So they begin in generation 0, like other objects. Larger regions are the condition for that; with twice the usual size, arrays of more than 64 MiB still have
/// regions of their own, which the collector keeps. An idle worker is no larger for it, one that allocates much by up to a budget of generation 0. RetainVM and a larger generation 0 changed nothing.
/// </summary>
internal static class WorkerCollector
{
    private const string RegionSize = "GCRegionSize", Threshold = "GCLOHThreshold";

    /// <summary>Where the collector has less, it decides by that how large regions may be.</summary>
    private const long LeastMemory = 1L << 30;

    /// <summary>As the runtime reads them: hexadecimal.</summary>
    private static readonly KeyValuePair<string, string?>[] Settings = [new($"DOTNET_{RegionSize}", "800000"), new($"DOTNET_{Threshold}", "780000")];

    /// <summary>Nothing, where the program or its environment says anything of that itself, or memory is scarce.</summary>
    /// <param name="variables">The worker's environment.</param>
    /// <param name="hasHeapLimit">Its managed heap has a limit.</param>
    public static IReadOnlyList<KeyValuePair<string, string?>> SettingsFor(IReadOnlyDictionary<string, string> variables, bool hasHeapLimit) =>
        hasHeapLimit
        || GC.GetGCMemoryInfo().TotalAvailableMemoryBytes < LeastMemory   // the limit of a container, or of the program's own configuration, counts
        || AppContext.GetData("System.GC.RegionSize") is not null
        || AppContext.GetData("System.GC.LOHThreshold") is not null
        || variables.Keys.Any(static name => IsOfCollector(name, "DOTNET_") || IsOfCollector(name, "COMPlus_"))
            ? []
            : Settings;

    private static bool IsOfCollector(string name, string prefix) =>
        name.StartsWith(prefix, StringComparison.Ordinal)
        && name.AsSpan(prefix.Length) is var rest
        && (rest.StartsWith("GCRegion", StringComparison.OrdinalIgnoreCase) || rest.StartsWith("GCHeapHardLimit", StringComparison.OrdinalIgnoreCase) || rest.Equals(Threshold, StringComparison.OrdinalIgnoreCase) || rest.StartsWith("GCName", StringComparison.OrdinalIgnoreCase) || rest.StartsWith("GCPath", StringComparison.OrdinalIgnoreCase));
}
