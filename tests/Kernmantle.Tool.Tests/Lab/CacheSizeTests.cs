using Kernmantle.Tool.Lab.Cache;
using Kernmantle.Tool.Lab.Model;

namespace Kernmantle.Tool.Tests.Lab;

/// <summary>Who tells the sizes of the caches, and what they tell.</summary>
public sealed class CacheSizeTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("kern-caches-");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public void The_first_source_that_tells_anything_is_taken_and_named()
    {
        CacheSizes sizes = CacheSources.First((CacheSource.Sysfs, static () => []), (CacheSource.Cpuid, static () => []), (CacheSource.Sysconf, static () => [1, 2]), (CacheSource.Walk, NotAsked));
        Assert.Equal([1L, 2L], sizes.Bytes);
        Assert.Equal(CacheSource.Sysconf, sizes.Source);
        Assert.Equal("unknown", CacheSources.First((CacheSource.Walk, static () => [])).Text());

        static IReadOnlyList<long> NotAsked() => throw new InvalidOperationException("Somebody else has told already.");
    }

    [Fact]
    public void A_report_says_who_told_the_sizes()
    {
        foreach (CacheSource source in Enum.GetValues<CacheSource>())
            Assert.Contains(source == CacheSource.Walk ? "(measured by walking)" : $"(told by {source.ToString().ToLowerInvariant()})", new CacheSizes([48 << 10, 1 << 20], source).Text(), StringComparison.Ordinal);
        Assert.StartsWith("48 KiB, 1 MiB (", new CacheSizes([48 << 10, 1 << 20], CacheSource.Walk).Text(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_kernels_folder_is_read_without_the_caches_of_instructions()
    {
        Describe("index0", "Data", "48K");
        Describe("index1", "Instruction", "32K");
        Describe("index2", "Unified", "1024K");
        Describe("index3", "Unified", "32M");
        Assert.Equal([48L << 10, 1L << 20, 32L << 20], CacheSources.FromFolder(folder.FullName));
    }

    [Fact]
    public void A_folder_that_is_missing_or_empty_or_without_sizes_tells_nothing()
    {
        Assert.Empty(CacheSources.FromFolder(Path.Combine(folder.FullName, "nowhere")));
        Assert.Empty(CacheSources.FromFolder(folder.FullName));
        folder.CreateSubdirectory("index0");
        Assert.Empty(CacheSources.FromFolder(folder.FullName));
        Describe("index0", "Data", "");
        Assert.Empty(CacheSources.FromFolder(folder.FullName));
    }

    [Theory]
    [InlineData(0x4u)]
    [InlineData(0x8000_001Du)]
    public void The_processors_tables_are_read_on_Intel_and_on_AMD(uint leaf)
    {
        Registers Cpuid(uint asked, uint index) => asked switch
        {
            0 => new(0xD, 0, 0, 0),
            0x8000_0000 => new(0x8000_0021, 0, 0, 0),
            _ when asked == leaf => index switch
            {
                0 => Cache(type: 1, ways: 12, partitions: 1, line: 64, sets: 64),      // 48 KiB of data
                1 => Cache(type: 2, ways: 8, partitions: 1, line: 64, sets: 64),       // of instructions
                2 => Cache(type: 3, ways: 8, partitions: 1, line: 64, sets: 2048),     // 1 MiB
                3 => Cache(type: 3, ways: 16, partitions: 2, line: 64, sets: 16384),   // 32 MiB
                _ => default,
            },
            _ => default,
        };
        Assert.Equal([48L << 10, 1L << 20, 32L << 20], CacheSources.FromCpuid(Cpuid));
    }

    [Fact]
    public void A_processor_whose_tables_are_missing_or_hidden_tells_nothing()
    {
        Assert.Empty(CacheSources.FromCpuid(static (_, _) => default));
        Assert.Empty(CacheSources.FromCpuid(static (leaf, _) => leaf is 0 ? new(0xD, 0, 0, 0) : leaf is 0x8000_0000 ? new(0x8000_0021, 0, 0, 0) : default));
        // Beyond its last leaf a processor answers with something else.
        Assert.Empty(CacheSources.FromCpuid(static (leaf, _) => leaf is 0 ? new(1, 0, 0, 0) : leaf is 0x8000_0000 ? new(0x8000_0008, 0, 0, 0) : Cache(1, 8, 1, 64, 64)));
    }

    [Theory]
    [InlineData(new long[] { 49152, 1048576, 532676608, 0 }, new long[] { 49152, 1048576, 532676608 })]
    [InlineData(new long[] { 49152, 0, 0, 0 }, new long[] { 49152 })]
    [InlineData(new long[] { 49152, 0, 33554432, 0 }, new long[] { 49152 })]
    [InlineData(new long[] { 0, 0, 0, 0 }, new long[0])]
    [InlineData(new long[] { -1, -1, -1, -1 }, new long[0])]
    public void The_C_librarys_sizes_end_at_the_first_that_it_does_not_know(long[] told, long[] sizes) =>
        Assert.Equal(sizes, CacheSources.FromSysconf(name => told[(name - 188) / 3]));

    private static Registers Cache(uint type, uint ways, uint partitions, uint line, uint sets) =>
        new(type, ways - 1 << 22 | partitions - 1 << 12 | line - 1, sets - 1, 0);

    private void Describe(string index, string type, string size)
    {
        DirectoryInfo cache = folder.CreateSubdirectory(index);
        File.WriteAllText(Path.Combine(cache.FullName, "type"), type + "\n");
        File.WriteAllText(Path.Combine(cache.FullName, "size"), size + "\n");
    }
}
