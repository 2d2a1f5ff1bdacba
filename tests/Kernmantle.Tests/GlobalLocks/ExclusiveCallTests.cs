using System.Runtime.CompilerServices;

namespace Kernmantle.Tests.GlobalLocks;

/// <summary>Calls under one lock.</summary>
public sealed class ExclusiveCallTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(3);

    private readonly GlobalLock gil = new(TimeSpan.FromMilliseconds(1));
    private int inside;
    private int most;
    private int visits;

    /// <summary>Code that is not thread-safe.</summary>
    private void Visit()
    {
        Assert.True(gil.IsHeldByCurrentThread);
        most = Math.Max(most, Interlocked.Increment(ref inside));
        visits++;
        Thread.Yield();
        Interlocked.Decrement(ref inside);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_call_that_leaves_a_scope_open_fails_and_keeps_nobody_from_the_lock(bool awaits)
    {
        await using WorkerPool pool = WorkerPool.Exclusive(2, gil);
        Task[] careless =
        [
            pool.RunAsync(Take),
            pool.RunAsync(Allow),
            pool.RunAsync(TakeAsync),
        ];
        foreach (Task call in careless)
        {
            RemoteException failure = await Assert.ThrowsAsync<RemoteException>(() => call.WaitAsync(Deadline));
            Assert.IsType<SynchronizationLockException>(failure.Original);
        }
        for (int i = 0; i < 4; i++)
            await pool.RunAsync(Visit).WaitAsync(Deadline);
        Assert.Equal(4, visits);

        void Take() => _ = gil.Acquire();

        void Allow() => _ = gil.AllowThreads();

        async Task TakeAsync()
        {
            Take();
            if (awaits)
                await Task.Yield();
        }
    }

    [Fact]
    public async Task No_two_calls_run_at_once_whether_synchronous_or_not_in_whichever_pool()
    {
        await using WorkerPool one = WorkerPool.Exclusive(3, gil), two = WorkerPool.Exclusive(2, gil);
        Task[] calls = [.. Enumerable.Range(0, 100).SelectMany(i => new[] { i % 2 == 0 ? one.RunAsync(Visit) : two.RunAsync(Visit), one.RunAsync(VisitAsync), two.RunAsync(Checking) })];
        await Task.WhenAll(calls).WaitAsync(Deadline);
        Assert.Equal(1, most);
        Assert.Equal(100 * (1 + 4 + 3), visits);

        async Task VisitAsync()
        {
            Visit();
            await Task.Yield();
            Visit();
            await Task.Delay(1);
            Visit();
            await Task.Run(() => Assert.False(gil.IsHeldByCurrentThread));
            Visit();
        }

        void Checking()
        {
            Visit();
            WorkerContext.Current!.GlobalLock!.Checkpoint();
            Visit();
            using (gil.AllowThreads())
                Assert.False(gil.IsHeldByCurrentThread);
            Visit();
        }
    }

    [Fact]
    public async Task An_asynchronous_function_stays_on_its_thread_and_keeps_its_context()
    {
        await using WorkerPool pool = WorkerPool.Exclusive(2, gil);
        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => pool.RunAsync(async n =>
        {
            int thread = Environment.CurrentManagedThreadId;
            string name = WorkerContext.Current!.Name;
            for (int i = 0; i < 5; i++)
            {
                await Task.Delay(1);
                Assert.Equal((thread, name, name), (Environment.CurrentManagedThreadId, Thread.CurrentThread.Name, WorkerContext.Current!.Name));
                Assert.Same(gil, WorkerContext.Current.GlobalLock);
            }
            return n;
        }, i))).WaitAsync(Deadline);
    }

    [Fact]
    public async Task Every_step_of_a_stream_holds_the_lock()
    {
        await using WorkerPool pool = WorkerPool.Exclusive(2, gil, new() { StreamWindow = 1 });
        async Task<int> SumAsync()
        {
            int sum = 0;
            await foreach (int item in pool.StreamAsync(() => Items()))
            {
                await Task.Yield();
                sum += item;
            }
            return sum;
        }

        Assert.Equal(new[] { 45, 45, 45 }, await Task.WhenAll(SumAsync(), SumAsync(), SumAsync()).WaitAsync(Deadline));
        Assert.Equal(1, most);

        async IAsyncEnumerable<int> Items([EnumeratorCancellation] CancellationToken token = default)
        {
            try
            {
                for (int i = 0; i < 10; i++)
                {
                    Visit();
                    await Task.Yield();
                    Visit();
                    yield return i;
                }
            }
            finally
            {
                Visit();
            }
        }
    }

    private sealed class Guarded(ExclusiveCallTests tests) : IAsyncDisposable
    {
        public int Value { get; set; }

        public async ValueTask DisposeAsync()
        {
            tests.Visit();
            await Task.Yield();
            tests.Visit();
        }
    }

    [Fact]
    public async Task Objects_and_initializers_have_the_lock_too()
    {
        Func<Task> initialize = async () =>
        {
            Visit();
            await Task.Yield();
            Visit();
        };
        await using (WorkerPool pool = WorkerPool.Exclusive(2, gil, new() { OnWorkerStart = initialize }))
        {
            foreach (int _ in Enumerable.Range(0, 5))
            {
                Remote<Guarded> guarded = await pool.CreateAsync(() => new Guarded(this)).WaitAsync(Deadline);
                Assert.Equal(1, await guarded.CallAsync(static g => ++g.Value).WaitAsync(Deadline));
            }
        }
        Assert.Equal(2 * (2 + 5), visits);
        Assert.Equal(1, most);
    }

    [Fact]
    public async Task A_call_that_timed_out_keeps_the_lock_until_it_ends()
    {
        await using WorkerPool pool = WorkerPool.Exclusive(2, gil);
        using var gate = new ManualResetEventSlim();
        var failure = await Assert.ThrowsAsync<CallTimeoutException>(() =>
            pool.With(new() { Timeout = TimeSpan.FromMilliseconds(20) }).RunAsync(() => gate.Wait()).WaitAsync(Deadline));
        Assert.True(failure.StillRunning);
        Task<int> next = pool.With(new() { Timeout = TimeSpan.FromSeconds(50) }).RunAsync(static () => 1);
        await OnThread.Until(() => gil.Statistics.Requests > 0, "the next call asks for the lock");
        Assert.False(next.IsCompleted);
        Assert.Equal(1, pool.Statistics.LostThreads);
        gate.Set();
        Assert.Equal(1, await next.WaitAsync(Deadline));
        await OnThread.Until(() => pool.Statistics.LostThreads == 0, "the abandoned call ended");
    }

    [Fact]
    public async Task A_call_that_waits_for_the_lock_has_not_begun_and_is_cancelled_at_once()
    {
        await using WorkerPool pool = WorkerPool.Exclusive(1, gil, new() { KillGrace = Deadline });
        await pool.StartAsync();
        using var cancel = new CancellationTokenSource();
        bool ran = false;
        await OnThread.Start(() =>
        {
            using (gil.Acquire())
            {
                Task call = pool.RunAsync(() => ran = true, cancel.Token);
                OnThread.BlockUntil(() => gil.Statistics.Waiting == 1, "the call waits for the lock");
                cancel.Cancel();
                OnThread.BlockUntil(() => call.IsCanceled, "the call is cancelled, while the lock is still held");
            }
        });
        Assert.Equal(1, await pool.RunAsync(static () => 1).WaitAsync(Deadline));
        Assert.False(ran);
        Assert.Equal((0, 0L), (pool.Statistics.LostThreads, pool.Statistics.Replaced));
    }

    [Fact]
    public async Task A_pool_ends_although_an_abandoned_call_keeps_the_lock()
    {
        WorkerPool pool = WorkerPool.Exclusive(2, gil, new() { DrainTimeout = TimeSpan.Zero });
        using var gate = new ManualResetEventSlim();
        Task stuck = pool.RunAsync(() => gate.Wait());
        await OnThread.Until(() => pool.Statistics.Running == 1 && gil.Owner is not null, "it holds the lock");
        Task waiting = pool.RunAsync(static () => { });
        await pool.DisposeAsync().AsTask().WaitAsync(Deadline);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => stuck);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => waiting);
        gate.Set();
        await OnThread.Until(() => gil.Owner is null && gil.Statistics.Waiting == 0, "its threads are gone");
    }

    [Fact]
    public async Task An_exception_of_a_posted_callback_is_logged_and_the_worker_goes_on()
    {
        using var log = new Logging.ListFactory();
        await using (WorkerPool pool = WorkerPool.Exclusive(1, gil, new() { LoggerFactory = log }))
        {
            await pool.With(new() { Name = "careless" }).RunAsync(
                static () => SynchronizationContext.Current!.Post(static _ => throw new FormatException(), null));
            Assert.Equal(1, await pool.RunAsync(static () => 1).WaitAsync(Deadline));
        }
        await log.FindAsync(static e => e.Message.Contains("careless", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_callback_can_be_sent_from_elsewhere_and_its_failure_comes_back()
    {
        await using WorkerPool pool = WorkerPool.Exclusive(1, gil);
        await pool.RunAsync(async () =>
        {
            SynchronizationContext here = SynchronizationContext.Current!;
            here.Send(_ => Visit(), null);
            await Task.Run(() => here.Send(_ => Visit(), null));
            await Assert.ThrowsAsync<FormatException>(() => Task.Run(() => here.Send(static _ => throw new FormatException(), null)));
        }).WaitAsync(Deadline);
        Assert.Equal(2, visits);
    }
}
