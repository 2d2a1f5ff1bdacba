using Kernmantle.Tests.Logging;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Kernmantle.Tests.EventLoops;

/// <summary>What is particular to one thread on which calls interleave.</summary>
public sealed class EventLoopBehaviourTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(3);

    [Fact]
    public async Task Ten_thousand_wait_at_once_on_one_thread()
    {
        await using WorkerPool loop = WorkerPool.EventLoop();
        var open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        int waiting = 0;
        var threads = new HashSet<int>();
        Task<int>[] calls = [.. Enumerable.Range(0, 10_000).Select(n => loop.RunAsync(async () =>
        {
            waiting++;   // one thread: no lock is needed
            threads.Add(Environment.CurrentManagedThreadId);
            if (waiting == 10_000)
                open.SetResult();
            await open.Task;
            threads.Add(Environment.CurrentManagedThreadId);
            return n;
        }))];
        Assert.Equal(Enumerable.Range(0, 10_000), await Task.WhenAll(calls).WaitAsync(Deadline));
        Assert.Single(threads);
    }

    [Fact]
    public async Task No_two_steps_run_at_once()
    {
        await using WorkerPool loop = WorkerPool.EventLoop();
        int inside = 0, violations = 0;
        await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => loop.RunAsync(async () =>
        {
            for (int i = 0; i < 20; i++)
            {
                if (++inside != 1)
                    violations++;
                Thread.SpinWait(20);
                inside--;
                await Task.Yield();
            }
        })));
        Assert.Equal(0, violations);
    }

    [Fact]
    public async Task Steps_of_two_calls_take_turns()
    {
        await using WorkerPool loop = WorkerPool.EventLoop();
        var order = new List<string>();
        var both = new TaskCompletionSource();
        int begun = 0;
        async Task Go(string name)
        {
            if (++begun == 2)
                both.SetResult();
            await both.Task;
            for (int i = 0; i < 3; i++)
            {
                order.Add($"{name}{i}");
                await Task.Yield();
            }
        }
        await Task.WhenAll(loop.RunAsync(() => Go("a")), loop.RunAsync(() => Go("b")));
        Assert.Equal(6, order.Count);
        Assert.Equal(["a0", "a1", "a2"], order.Where(static o => o[0] == 'a'));
        Assert.NotEqual(["a0", "a1", "a2"], order.Take(3));
        Assert.NotEqual(["b0", "b1", "b2"], order.Take(3));
    }

    [Fact]
    public async Task A_call_that_blocks_is_told_by_name()
    {
        using var log = new ListFactory();
        // A slow machine only makes it longer.
        await using (WorkerPool loop = WorkerPool.EventLoop(new() { LoggerFactory = log, SlowCallbackDuration = TimeSpan.FromMilliseconds(1) }))
            await loop.With(new() { Name = "the blocking one" }).RunAsync(static () => SpinFor(TimeSpan.FromMilliseconds(20)));
        Assert.Equal(LogLevel.Warning, (await log.FindAsync(static e => e.Message.StartsWith("the blocking one blocked the event loop", StringComparison.Ordinal))).Level);
    }

    [Fact]
    public async Task One_that_fails_or_is_cancelled_leaves_the_others_alone()
    {
        await using WorkerPool loop = WorkerPool.EventLoop();
        var open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var cancel = new CancellationTokenSource();
        Task<int> goesOn = loop.RunAsync(async () =>
        {
            await open.Task;
            return 7;
        });
        Task fails = loop.RunAsync(static async () =>
        {
            await Task.Yield();
            throw new FormatException("bad");
        });
        Task cancelled = loop.RunAsync(static async token => await Task.Delay(Timeout.Infinite, token), cancel.Token);
        Assert.Equal("bad", (await Assert.ThrowsAsync<RemoteException>(() => fails)).Message);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        open.SetResult();
        Assert.Equal(7, await goesOn.WaitAsync(Deadline));
        Assert.Equal(0, loop.Statistics.Replaced);
    }

    [Fact]
    public async Task One_that_times_out_while_it_waits_is_let_go_of_alone()
    {
        await using WorkerPool loop = WorkerPool.EventLoop(new() { KillGrace = TimeSpan.Zero });
        var open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task<int> goesOn = loop.RunAsync(async () =>
        {
            await open.Task;
            return 7;
        });
        Task late = loop.With(new() { Timeout = TimeSpan.FromMilliseconds(20) }).RunAsync(async () => await open.Task);
        Assert.True((await Assert.ThrowsAsync<CallTimeoutException>(() => late)).StillRunning);
        Assert.Equal(1, loop.Statistics.LostThreads);
        open.SetResult();
        Assert.Equal(7, await goesOn.WaitAsync(Deadline));
        Assert.Equal(0, loop.Statistics.Replaced);
    }

    [Fact]
    public async Task Calls_with_a_key_run_one_after_the_other_even_while_they_wait()
    {
        await using WorkerPool loop = WorkerPool.EventLoop();
        int inside = 0, most = 0, beside = 0;
        var options = new CallOptions { Key = "k" };
        Task[] keyed = [.. Enumerable.Range(0, 20).Select(_ => loop.With(options).RunAsync(
            async () =>
            {
                most = Math.Max(most, ++inside);
                await Task.Delay(1);   // it waits for something: how long is all the same
                inside--;
            }))];
        await loop.RunAsync(async () =>
        {
            await Task.Yield();
            beside++;
        });
        await Task.WhenAll(keyed).WaitAsync(Deadline);
        Assert.Equal(1, most);
        Assert.Equal(1, beside);
    }

    [Fact]
    public async Task The_end_of_the_pool_ends_all_that_wait()
    {
        WorkerPool loop = WorkerPool.EventLoop(new() { DrainTimeout = TimeSpan.Zero });
        var never = new TaskCompletionSource();
        Task[] calls = [.. Enumerable.Range(0, 100).Select(_ => loop.RunAsync(async () => await never.Task))];
        while (loop.Statistics.Running < 100)
            await Task.Yield();
        await loop.DisposeAsync();
        foreach (Task call in calls)
            await Assert.ThrowsAsync<ObjectDisposedException>(() => call);
    }

    [Fact]
    public async Task One_that_blocks_after_an_await_and_times_out_costs_its_thread()
    {
        var clock = new FakeTimeProvider();
        await using WorkerPool loop = WorkerPool.EventLoop(new() { TimeProvider = clock });
        using ManualResetEventSlim gate = new(), blocks = new();
        var never = new TaskCompletionSource();
        Task beside = loop.RunAsync(async () => await never.Task);
        Task late = loop.With(new() { Timeout = TimeSpan.FromMinutes(1) }).RunAsync(
            async () =>
            {
                await Task.Yield();
                blocks.Set();
                gate.Wait();
            });
        Assert.True(blocks.Wait(Deadline));
        using var deadline = new CancellationTokenSource(Deadline);
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(1));
        while (!late.IsCompleted)   // the grace begins when the timeout has been seen
        {
            clock.Advance(TimeSpan.FromMinutes(1));
            await tick.WaitForNextTickAsync(deadline.Token);
        }
        CallTimeoutException failure = await Assert.ThrowsAsync<CallTimeoutException>(() => late);
        Assert.True(failure.StillRunning);
        Assert.Equal(1, await loop.RunAsync(static () => 1).WaitAsync(Deadline));
        await Assert.ThrowsAsync<WorkerCrashedException>(() => beside.WaitAsync(Deadline));
        Assert.Equal(1, loop.Statistics.Replaced);
        gate.Set();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_function_that_was_let_go_of_runs_its_finally_block_when_its_token_is_cancelled(bool exclusive)
    {
        var cleaned = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var waits = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        WorkerPool pool = exclusive
            ? WorkerPool.Exclusive(1, null, new() { DrainTimeout = TimeSpan.Zero })
            : WorkerPool.EventLoop(new() { DrainTimeout = TimeSpan.Zero });
        Task call = pool.RunAsync(async token =>
        {
            try
            {
                waits.SetResult();
                await Task.Delay(Timeout.Infinite, token);
            }
            finally
            {
                await Task.Yield();
                cleaned.SetResult();
            }
        });
        await waits.Task.WaitAsync(Deadline);
        await pool.DisposeAsync().AsTask().WaitAsync(Deadline);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => call);
        await cleaned.Task.WaitAsync(Deadline);
    }

    [Fact]
    public async Task One_that_waits_for_a_busy_loop_has_not_begun_and_is_cancelled_at_once()
    {
        await using WorkerPool loop = WorkerPool.EventLoop(new() { KillGrace = Deadline });
        using var gate = new ManualResetEventSlim();
        using var cancel = new CancellationTokenSource();
        var open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var blocks = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task busy = loop.RunAsync(async () =>
        {
            await open.Task;
            blocks.SetResult();
            gate.Wait();
        });
        open.SetResult();
        await blocks.Task.WaitAsync(Deadline);
        Task<int> late = loop.RunAsync(static () => 1, cancel.Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => late.WaitAsync(Deadline));
        Assert.False(busy.IsCompleted);
        gate.Set();
        await busy.WaitAsync(Deadline);
        Assert.Equal((0L, 0), (loop.Statistics.Replaced, loop.Statistics.LostThreads));
    }

    [Fact]
    public async Task A_map_has_many_items_under_way()
    {
        await using WorkerPool loop = WorkerPool.EventLoop(new() { MaxConcurrency = 500 });
        var open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        int waiting = 0;
        long sum = 0;
        await foreach (MapResult<int, int> item in loop.MapAsync(
            async n =>
            {
                if (++waiting == 500)
                    open.SetResult();
                await open.Task;
                return n;
            },
            Enumerable.Range(0, 1000)).WithCancellation(new CancellationTokenSource(Deadline).Token))
        {
            sum += item.Value;
        }
        Assert.Equal(999 * 1000 / 2, sum);
    }

    private static void SpinFor(TimeSpan time)
    {
        long until = Environment.TickCount64 + (long)time.TotalMilliseconds + 1;
        while (Environment.TickCount64 < until)
            Thread.SpinWait(100);
    }
}
