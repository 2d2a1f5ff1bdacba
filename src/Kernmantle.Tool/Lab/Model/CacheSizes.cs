using System.Text.Json.Serialization;
using Kernmantle.Tool.Statistics;

namespace Kernmantle.Tool.Lab.Model;

/// <summary>Who told the sizes of the caches.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<CacheSource>))]
internal enum CacheSource
{
    /// <summary>The kernel, in <c>/sys/devices/system/cpu/cpu0/cache</c>.</summary>
    [JsonStringEnumMemberName("sysfs")] Sysfs,

    /// <summary>The processor itself, by the instruction <c>cpuid</c>.</summary>
    [JsonStringEnumMemberName("cpuid")] Cpuid,

    /// <summary>The C library, by <c>sysconf</c>.</summary>
    [JsonStringEnumMemberName("sysconf")] Sysconf,

    /// <summary>Nobody: they were measured by walking through more and more memory.</summary>
    [JsonStringEnumMemberName("walk")] Walk,
}

/// <summary>Sizes of a processor's data and unified caches, from the nearest on, in bytes.</summary>
/// <param name="Source">Null where nobody told them and a walk found none.</param>
internal sealed record CacheSizes(IReadOnlyList<long> Bytes, CacheSource? Source)
{
    public static readonly CacheSizes Unknown = new([], null);

    /// <summary>The sizes, and in parentheses who told them.</summary>
    public string Text() => Source is not { } source ? "unknown" : $"{string.Join(", ", Bytes.Select(static bytes => Units.Format(bytes, Unit.Bytes)))} ({source switch
    {
        CacheSource.Sysfs => "told by sysfs",
        CacheSource.Cpuid => "told by cpuid",
        CacheSource.Sysconf => "told by sysconf",
        _ => "measured by walking",
    }})";
}
