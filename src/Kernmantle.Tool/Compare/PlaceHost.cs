using System.Diagnostics;
using Kernmantle.Tool.Subjects;

namespace Kernmantle.Tool.Compare;

/// <summary>
/// One place, warm, in a process of its own: what the function does there, a crash included, it does to nobody else. All places are
/// measured in the same kind of process.
/// </summary>
internal sealed class PlaceHost : IAsyncDisposable
{
    private readonly Subject subject;
    private readonly WorkerPool? pool;
    private readonly int workers;

    private PlaceHost(Subject subject, WorkerPool? pool, int workers) => (this.subject, this.pool, this.workers) = (subject, pool, workers);

    public static async Task<PlaceHost> OpenAsync(SubjectSpec spec, Place place, int workers)
    {
        Subject subject = Subject.Open(spec);
        WorkerPool? pool = place switch
        {
            Place.Threads => WorkerPool.Threads(workers),
            Place.Processes => WorkerPool.Processes(workers),
            Place.GlobalLock => WorkerPool.Exclusive(workers),
            Place.EventLoop => WorkerPool.EventLoop(),
            _ => null,
        };
        if (pool is not null)
            await pool.StartAsync();
        return new(subject, pool, place == Place.Processes ? workers : 0);
    }

    public async Task<Round> RunAsync()
    {
        Usage before = await UsageAsync();
        long started = Stopwatch.GetTimestamp();
        RoundOutcome outcome = pool is null ? await subject.RunAsync(CancellationToken.None) : await subject.RunAsync(pool, CancellationToken.None);
        double wall = Stopwatch.GetElapsedTime(started).TotalSeconds;
        Usage used = (await UsageAsync()).Since(before);
        return new(wall, used.Processor, used.PeakMemory, used.Allocated, used.GcPause, used.Switches, outcome);
    }

    public async ValueTask DisposeAsync()
    {
        if (pool is not null)
            await pool.DisposeAsync();
    }

    /// <summary>Of this process, and of the workers, which are told apart by a key each.</summary>
    private async Task<Usage> UsageAsync()
    {
        Usage sum = Usage.Here();
        for (int worker = 0; worker < workers; worker++)
            sum = sum.Plus(await pool!.RunAsync(Usage.Here, new CallOptions { Key = worker }));
        return sum;
    }
}
