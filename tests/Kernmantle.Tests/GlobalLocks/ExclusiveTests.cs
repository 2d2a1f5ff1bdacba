namespace Kernmantle.Tests.GlobalLocks;

/// <summary>What is particular to threads under one lock.</summary>
public sealed class ExclusiveTests
{
    [Fact]
    public async Task Calls_of_two_pools_under_one_lock_never_run_at_once()
    {
        var gil = new GlobalLock(TimeSpan.FromMilliseconds(0.2));
        await using WorkerPool first = WorkerPool.Exclusive(3, gil), second = WorkerPool.Exclusive(2, gil);
        int inside = 0, violations = 0;
        int Work(int n)
        {
            for (int i = 0; i < 20; i++)
            {
                if (Interlocked.Increment(ref inside) != 1)
                    Interlocked.Increment(ref violations);
                Thread.SpinWait(50);
                Interlocked.Decrement(ref inside);
                gil.Checkpoint();
            }
            return n;
        }
        await Task.WhenAll(Enumerable.Range(0, 300).Select(n => (n % 2 == 0 ? first : second).RunAsync(Work, n)));
        Assert.Equal(0, violations);
    }

    [Fact]
    public async Task An_asynchronous_function_gives_way_at_each_await_and_has_the_lock_again_behind_it()
    {
        var gil = new GlobalLock();
        await using WorkerPool pool = WorkerPool.Exclusive(2, gil);
        var first = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task<bool> waits = pool.RunAsync(async () =>
        {
            Assert.True(gil.IsHeldByCurrentThread);
            await first.Task;
            return gil.IsHeldByCurrentThread && WorkerContext.Current!.GlobalLock == gil;
        });
        // While it waits, another call runs under the same lock.
        Assert.True(await pool.RunAsync(() => gil.IsHeldByCurrentThread));
        first.SetResult();
        Assert.True(await waits);
    }

    [Fact]
    public async Task A_stream_yields_with_the_lock_held()
    {
        var gil = new GlobalLock();
        await using WorkerPool pool = WorkerPool.Exclusive(1, gil);
        var held = new List<bool>();
        await foreach (bool each in pool.StreamAsync(() => Yields(gil)))
            held.Add(each);
        Assert.Equal(Enumerable.Repeat(true, 200), held);

        static async IAsyncEnumerable<bool> Yields(GlobalLock gil)
        {
            for (int i = 0; i < 200; i++)
            {
                yield return gil.IsHeldByCurrentThread;
                if (i % 10 == 0)
                    await Task.Yield();
            }
        }
    }

    [Fact]
    public async Task A_call_that_blocks_lets_the_others_run_if_it_allows_them()
    {
        await using WorkerPool pool = WorkerPool.Exclusive(2);
        using var opened = new ManualResetEventSlim();
        Task blocks = pool.RunAsync(() =>
        {
            using (WorkerContext.Current!.GlobalLock!.AllowThreads())
                opened.Wait();
        });
        await pool.RunAsync(opened.Set);
        await blocks;
    }
}
