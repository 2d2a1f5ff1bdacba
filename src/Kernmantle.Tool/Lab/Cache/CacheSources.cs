using System.Globalization;
using System.Runtime.Intrinsics.X86;
using Kernmantle.Tool.Lab.Linux;
using Kernmantle.Tool.Lab.Model;

namespace Kernmantle.Tool.Lab.Cache;

/// <summary>One answer of the instruction <c>cpuid</c>.</summary>
internal readonly record struct Registers(uint Eax, uint Ebx, uint Ecx, uint Edx);

/// <summary>
/// Where the sizes of the caches are known from. Virtual machines hide some of the sources: the kernel's folder may be missing, and the
/// processor's tables may be empty. The C library comes after the processor, since it may tell a whole package's third level for one core's.
/// </summary>
internal static class CacheSources
{
    private const string Folder = "/sys/devices/system/cpu/cpu0/cache";

    /// <summary>Sizes that somebody tells; a walk measures them where nobody does, which takes a second or two.</summary>
    public static CacheSizes Here() => First(
        (CacheSource.Sysfs, static () => FromFolder(Folder)),
        (CacheSource.Cpuid, static () => X86Base.IsSupported ? FromCpuid(Cpuid) : []),
        (CacheSource.Sysconf, static () => FromSysconf(LibC.Sysconf)),
        (CacheSource.Walk, static () => CacheSteps.In(CacheProbe.Measure())));

    /// <summary>The first source that tells anything.</summary>
    internal static CacheSizes First(params ReadOnlySpan<(CacheSource Source, Func<IReadOnlyList<long>> Read)> sources)
    {
        foreach ((CacheSource source, Func<IReadOnlyList<long>> read) in sources)
        {
            if (read() is { Count: > 0 } sizes)
                return new(sizes, source);
        }
        return CacheSizes.Unknown;
    }

    /// <summary>The kernel's description: a folder <c>indexN</c> for each cache, with files <c>type</c> and <c>size</c> ("48K").</summary>
    internal static IReadOnlyList<long> FromFolder(string folder)
    {
        if (!Directory.Exists(folder))
            return [];
        List<long> sizes = [];
        foreach (string index in Directory.GetDirectories(folder, "index*").Order(StringComparer.Ordinal))
        {
            string type = Path.Combine(index, "type"), size = Path.Combine(index, "size");
            // Instructions have a cache of their own. Some systems have the folders, and not the files.
            if (File.Exists(type) && File.Exists(size) && File.ReadAllText(type).Trim() is "Data" or "Unified")
                sizes.Add(Size(File.ReadAllText(size).Trim()));
        }
        return Growing(sizes);
    }

    /// <summary>
    /// The tables of Intel's processors (leaf 4) and of AMD's (leaf 0x8000001D), which have one form: a subleaf for each cache, and one of
    /// type 0 at the end.
    /// </summary>
    internal static IReadOnlyList<long> FromCpuid(Func<uint, uint, Registers> cpuid)
    {
        const uint Intel = 4, Amd = 0x8000_001D, FirstOfAmd = 0x8000_0000, MostCaches = 16;
        foreach ((uint first, uint leaf) in ((uint, uint)[])[(0, Intel), (FirstOfAmd, Amd)])
        {
            if (cpuid(first, 0).Eax < leaf)
                continue;   // the processor has no such leaf
            List<long> sizes = [];
            for (uint index = 0; index < MostCaches; index++)
            {
                Registers cache = cpuid(leaf, index);
                uint type = cache.Eax & 0x1F;
                if (type == 0)
                    break;
                if (type is 1 or 3)   // data, unified
                    sizes.Add(((cache.Ebx >> 22) + 1L) * ((cache.Ebx >> 12 & 0x3FF) + 1) * ((cache.Ebx & 0xFFF) + 1) * (cache.Ecx + 1L));
            }
            if (Growing(sizes) is { Count: > 0 } told)
                return told;
        }
        return [];
    }

    /// <summary>The C library's numbers: 0, or -1, for what it does not know.</summary>
    internal static IReadOnlyList<long> FromSysconf(Func<int, long> sysconf)
    {
        // _SC_LEVEL1_DCACHE_SIZE, _SC_LEVEL2_CACHE_SIZE, and so on, of GNU's library; another one has no such numbers.
        ReadOnlySpan<int> names = [188, 191, 194, 197];
        List<long> sizes = [];
        foreach (int name in names)
            sizes.Add(sysconf(name));
        return Growing(sizes);
    }

    /// <summary>Up to the first that is no size, or no larger than the one before it.</summary>
    private static List<long> Growing(IEnumerable<long> sizes)
    {
        List<long> growing = [];
        foreach (long size in sizes)
        {
            if (size <= (growing.Count == 0 ? 0 : growing[^1]))
                break;
            growing.Add(size);
        }
        return growing;
    }

    /// <summary>0 for what is no size.</summary>
    private static long Size(string text)
    {
        int shift = text is [.., 'K'] ? 10 : text is [.., 'M'] ? 20 : 0;
        return long.TryParse(shift == 0 ? text : text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number << shift : 0;
    }

    private static Registers Cpuid(uint leaf, uint index)
    {
        (int eax, int ebx, int ecx, int edx) = X86Base.CpuId((int)leaf, (int)index);
        return new((uint)eax, (uint)ebx, (uint)ecx, (uint)edx);
    }
}
