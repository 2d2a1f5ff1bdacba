using Kernmantle.Tool.Lab.Linux;
using Kernmantle.Tool.Lab.Model;
using Kernmantle.Tool.Lab.Running;
using Kernmantle.Tool.Statistics;

namespace Kernmantle.Tool.Lab.Cache;

/// <summary>A working set that fits the core's own cache, and twice of which does not: shared by two threads, and split over two processes.</summary>
internal sealed class CacheExperiment() : Experiment("cache", "What does taking turns on a core do to its cache?")
{
    private const int Rounds = 7, Passes = 40, LineBytes = 64;
    private const double PartOfCache = 0.7;
    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(6);
    private static readonly CallOptions Patient = new() { Timeout = TimeSpan.FromSeconds(60) };

    public override async Task<Outcome> RunAsync(LabContext context)
    {
        CacheSizes caches = context.Machine.Caches();
        if (caches.Bytes.Count == 0)
            throw new UnavailableException("Neither the kernel (/sys/devices/system/cpu/cpu0/cache) nor the processor (cpuid) nor the C library (sysconf) tells the sizes of the caches, and a walk through more and more memory found no step. So no working set can be chosen.");
        // The second one is the largest that a core has for itself on today's machines; behind it comes what all cores share.
        long own = caches.Bytes[Math.Min(1, caches.Bytes.Count - 1)];
        int lines = (int)(own * PartOfCache / LineBytes), processor = LibC.AllowedProcessors()[0];
        using Scratch scratch = new();
        string there = scratch.Path("there"), back = scratch.Path("back");
        LibC.MakeFifo(there);
        LibC.MakeFifo(back);
        await using WorkerPool pool = WorkerPool.Processes(2, new() { LoggerFactory = context.Loggers });
        await pool.StartAsync(context.Stopping);
        Walker alone = new(lines, Passes, processor, null, null, Begins: true);
        Walker first = alone with { Takes = there, Gives = back }, second = alone with { Takes = back, Gives = there, Begins = false };
        IReadOnlyDictionary<string, IReadOnlyList<double>> seconds = await Turns.TakeAsync(
            context,
            Rounds,
            Budget,
            new Way("alone", () => pool.With(Patient).RunAsync(static walker => CacheWalk.Walk(walker), alone, context.Stopping)),
            new Way("threads", () => pool.With(Patient).RunAsync(static (first, second) => CacheWalk.WalkOnThreads(first, second), first, second, context.Stopping)),
            new Way("processes", async () => (await Task.WhenAll(
                pool.With(Patient).RunAsync(static walker => CacheWalk.Walk(walker), first, context.Stopping),
                pool.With(Patient).RunAsync(static walker => CacheWalk.Walk(walker), second, context.Stopping))).Average()));
        CacheMeasured measured = new(
            own,
            (double)lines * LineBytes,
            Spread.Of(seconds["alone"]),
            Spread.Of(seconds["threads"]),
            Spread.Of(seconds["processes"]),
            Comparison.Ratio(seconds["threads"], seconds["alone"]),
            Comparison.Ratio(seconds["processes"], seconds["threads"]));
        return new(measured.Figures(), CacheVerdicts.Judge(measured), [measured.Plot()], [], [$"Sizes of the caches: {caches.Text()}."]);
    }
}
