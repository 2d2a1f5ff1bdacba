using Kernmantle.Tests.Pools;

namespace Kernmantle.Tests.Transport.SharedMemory;

/// <summary>What a small call costs the host's collector, once everything is warm.</summary>
[Collection(typeof(Alone))]
public sealed class AllocationTests
{
    private const int Each = 1000, Batches = 20;

    [Fact]
    public async Task A_call_allocates_nothing()
    {
        await using WorkerPool pool = WorkerPool.Processes(1, new ProcessPoolOptions { Transport = WorkerTransport.SharedMemory });
        Run(pool, 2000);
        Assert.Equal(0, Enumerable.Range(0, Batches).Min(_ => Run(pool, Each)));
    }

    [Fact]
    public async Task An_awaited_call_allocates_its_task_and_no_more()
    {
        await using WorkerPool pool = WorkerPool.Processes(1, new ProcessPoolOptions { Transport = WorkerTransport.SharedMemory });
        await RunAsync(pool, 2000);
        long least = long.MaxValue;
        for (int i = 0; i < Batches; i++)
            least = Math.Min(least, await RunAsync(pool, Each));
        Assert.InRange(least, 0, 128 * Each);
    }

    private static long Run(WorkerPool pool, int count)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < count; i++)
        {
            if (pool.Run(static (int a, int b) => a + b, 1, 2) != 3)
                throw new InvalidOperationException("1 + 2 is 3.");
        }
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    /// <summary>Of all threads: some of the least of many batches is this test's alone.</summary>
    private static async Task<long> RunAsync(WorkerPool pool, int count)
    {
        long before = GC.GetTotalAllocatedBytes(precise: true);
        for (int i = 0; i < count; i++)
        {
            if (await pool.RunAsync(static (int a, int b) => a + b, 1, 2) != 3)
                throw new InvalidOperationException("1 + 2 is 3.");
        }
        return GC.GetTotalAllocatedBytes(precise: true) - before;
    }
}
