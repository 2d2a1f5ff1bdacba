using Kernmantle.Tool.Lab.Cache;

namespace Kernmantle.Tool.Tests.Lab;

/// <summary>The sizes of caches, read off walks that were made up.</summary>
public sealed class CacheStepTests
{
    private const long Ki = 1 << 10, Mi = 1 << 20;

    /// <summary>As the probe walks: powers of two, and half as much again.</summary>
    private static readonly long[] Sizes = [.. Enumerable.Range(13, 13).SelectMany(static power => new[] { 1L << power, 3L << power >> 1 })];

    [Fact]
    public void Three_levels_have_two_steps_and_the_last_ends_beyond_the_walk() =>
        Assert.Equal([48 * Ki, 1 * Mi], CacheSteps.In(Walk(static size => size <= 48 * Ki ? 1.2 : size <= 1 * Mi ? 3.6 : 12)));

    [Fact]
    public void Four_levels_have_three_steps() =>
        Assert.Equal([32 * Ki, 512 * Ki, 16 * Mi], CacheSteps.In(Walk(static size => size <= 32 * Ki ? 1.2 : size <= 512 * Ki ? 3.6 : size <= 16 * Mi ? 12 : 90)));

    [Fact]
    public void A_rise_that_takes_several_sizes_is_one_step_about_its_middle()
    {
        // From 1 MiB on a part of the set is missing, at 4 MiB all of it.
        IReadOnlyList<long> sizes = CacheSteps.In(Walk(static size => size <= 48 * Ki ? 1.2 : size <= 1 * Mi ? 4 : size >= 4 * Mi ? 16 : 4 + 12.0 * (size - Mi) / (3 * Mi)));
        Assert.Equal(48 * Ki, sizes[0]);
        Assert.Equal(2, sizes.Count);
        Assert.InRange(sizes[1], 1 * Mi, 2 * Mi);
    }

    [Fact]
    public void Memory_without_steps_tells_nothing()
    {
        Assert.Empty(CacheSteps.In(Walk(static _ => 5)));
        Assert.Empty(CacheSteps.In([]));
        Assert.Empty(CacheSteps.In([new(8 * Ki, 1e-9)]));
    }

    [Fact]
    public void A_small_rise_is_not_a_cache() =>
        // As that of a page table's cache.
        Assert.Equal([48 * Ki], CacheSteps.In(Walk(static size => size <= 48 * Ki ? 1.2 : size <= 384 * Ki ? 3.6 : 4.8)));

    [Fact]
    public void What_disturbs_single_walks_hides_no_step_and_makes_none()
    {
        for (int seed = 0; seed < 500; seed++)
        {
            Random random = new(seed);
            // A few per cent always, and now and then several times as long. The largest size is walked last: nothing after it can show that it was disturbed.
            double Disturbed(double time, long size) => time * (1 + 0.06 * random.NextDouble()) * (size < Sizes[^1] && random.Next(10) == 0 ? 1 + 8 * random.NextDouble() : 1);
            IReadOnlyList<long> sizes = CacheSteps.In(Walk(size => Disturbed(size <= 48 * Ki ? 1.2 : size <= 1 * Mi ? 3.6 : 12, size)));
            Assert.Equal(2, sizes.Count);
            // A disturbed size next to a step may count for the one after it.
            Assert.InRange(sizes[0], 16 * Ki, 48 * Ki);
            Assert.InRange(sizes[1], 256 * Ki, 1 * Mi);
        }
    }

    [Fact]
    public void A_real_walk_measures_every_size_and_its_steps_are_among_them()
    {
        IReadOnlyList<Walked> walk = CacheProbe.Measure();
        Assert.Equal(walk.Select(static walked => walked.Bytes).Order(), walk.Select(static walked => walked.Bytes));
        Assert.All(walk, static walked => Assert.True(walked.Seconds is > 0 and < 1e-3, $"{walked}"));
        IReadOnlyList<long> steps = CacheSteps.In(walk);
        Assert.All(steps, size => Assert.Contains(walk, walked => walked.Bytes == size));
        TestContext.Current.TestOutputHelper?.WriteLine($"{string.Join(' ', walk.Select(static walked => $"{walked.Bytes >> 10}K:{walked.Seconds * 1e9:0.0}"))} => {string.Join(' ', steps)}");
    }

    private static IReadOnlyList<Walked> Walk(Func<long, double> nanoseconds) => [.. Sizes.Select(size => new Walked(size, nanoseconds(size) * 1e-9))];
}
