namespace Kernmantle.Tests.GlobalLocks;

/// <summary>CPython's protocol: one holder, requests after the switch interval, checkpoints, forced hand-over, nesting.</summary>
public sealed class GlobalLockTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(3);

    [Fact]
    public void One_thread_at_a_time_however_many_want_it()
    {
        var gil = new GlobalLock(TimeSpan.FromMilliseconds(0.1));
        int inside = 0, violations = 0;
        long counter = 0;
        Run(8, index =>
        {
            for (int i = 0; i < 5_000; i++)
            {
                using (gil.Acquire())
                {
                    if (Interlocked.Increment(ref inside) != 1)
                        Interlocked.Increment(ref violations);
                    counter++;   // not atomic: the lock is what keeps the count right
                    Interlocked.Decrement(ref inside);
                    if (i % 7 == index % 7)
                        gil.Checkpoint();
                    if (i % 50 == 0)
                    {
                        using (gil.AllowThreads())
                            Thread.Yield();
                    }
                }
            }
        });
        Assert.Equal(0, violations);
        Assert.Equal(8 * 5_000, counter);
        Assert.Null(gil.Owner);
        Assert.True(gil.Statistics.Acquisitions >= 8 * 5_000);
    }

    [Fact]
    public void A_holder_that_never_ends_lets_a_waiter_in_at_a_checkpoint()
    {
        var gil = new GlobalLock(TimeSpan.FromMilliseconds(1));
        using var holds = new ManualResetEventSlim();
        bool waiterHadIt = false;
        var holder = new Thread(() =>
        {
            using (gil.Acquire())
            {
                holds.Set();
                while (!Volatile.Read(ref waiterHadIt))
                    gil.Checkpoint();
            }
        });
        holder.Start();
        Assert.True(holds.Wait(Deadline));
        using (gil.Acquire())
            Volatile.Write(ref waiterHadIt, true);
        Assert.True(holder.Join(Deadline), "the holder goes on after the hand-over");
        GlobalLockStatistics figures = gil.Statistics;
        Assert.True(figures.ForcedSwitches >= 1, $"{figures}");
        Assert.True(figures.Requests >= 1, $"{figures}");
        Assert.True(figures.Waits >= 1, $"{figures}");
        Assert.True(figures.WaitTime > TimeSpan.Zero);
        Assert.Contains(figures.HoldTimes, static h => h.Count > 0);
    }

    [Fact]
    public void Who_gave_it_up_on_request_gets_it_back_only_after_another_had_it()
    {
        var gil = new GlobalLock(TimeSpan.FromMilliseconds(0.5));
        using GlobalLockTrace trace = gil.StartTrace();
        using var deadline = new CancellationTokenSource(Deadline);
        int done = 0;
        Run(2, _ =>
        {
            for (int i = 0; i < 20; i++)
            {
                // Held until the other thread has asked for it, unless that one is done.
                using (gil.Acquire())
                {
                    while (!gil.Checkpoint() && Volatile.Read(ref done) == 0 && !deadline.IsCancellationRequested)
                        continue;
                }
            }
            Interlocked.Increment(ref done);
        });
        IReadOnlyList<GlobalLockHold> holds = trace.Holds;
        Assert.Contains(holds, static h => h.Why == GlobalLockRelease.Requested);
        for (int i = 1; i < holds.Count; i++)
        {
            Assert.True(holds[i].From >= holds[i - 1].To, "holds do not overlap");
            if (holds[i - 1].Why == GlobalLockRelease.Requested)
                Assert.NotEqual(holds[i - 1].ThreadId, holds[i].ThreadId);
        }
    }

    [Fact]
    public void Without_a_request_a_checkpoint_keeps_it()
    {
        var gil = new GlobalLock();
        using (gil.Acquire())
        {
            for (int i = 0; i < 1000; i++)
                gil.Checkpoint();
            Assert.True(gil.IsHeldByCurrentThread);
            Assert.Same(Thread.CurrentThread, gil.Owner);
        }
        Assert.Equal(1, gil.Statistics.Acquisitions);
        Assert.False(gil.IsHeldByCurrentThread);
    }

    [Fact]
    public void It_nests_and_is_free_after_the_last()
    {
        var gil = new GlobalLock();
        using (gil.Acquire())
        {
            using (gil.Acquire())
            using (gil.Acquire())
                Assert.True(gil.IsHeldByCurrentThread);
            Assert.True(gil.IsHeldByCurrentThread);
            using (gil.AllowThreads())
                Assert.False(gil.IsHeldByCurrentThread);
            Assert.True(gil.IsHeldByCurrentThread);
        }
        Assert.False(gil.IsHeldByCurrentThread);
    }

    [Fact]
    public void AllowThreads_lets_others_in_and_keeps_the_depth()
    {
        var gil = new GlobalLock(TimeSpan.FromMinutes(1));   // nobody is asked: only the allowance lets the other in
        using var holds = new ManualResetEventSlim();
        using var other = new ManualResetEventSlim();
        var thread = new Thread(() =>
        {
            holds.Wait();
            using (gil.Acquire())
                other.Set();
        });
        thread.Start();
        using (gil.Acquire())
        using (gil.Acquire())
        {
            holds.Set();
            using (gil.AllowThreads())
                Assert.True(other.Wait(Deadline));
            Assert.True(gil.IsHeldByCurrentThread);
        }
        Assert.True(thread.Join(Deadline));
        Assert.False(gil.IsHeldByCurrentThread);
    }

    [Fact]
    public void A_cancelled_waiter_goes_and_the_holder_does_not_wait_for_it()
    {
        var gil = new GlobalLock(TimeSpan.FromMilliseconds(0.5));
        using var cancel = new CancellationTokenSource();
        bool wasCancelled = false;
        var waiter = new Thread(() =>
        {
            try
            {
                using (gil.Acquire(cancel.Token))
                {
                }
            }
            catch (OperationCanceledException)
            {
                wasCancelled = true;
            }
        });
        using (gil.Acquire())
        {
            waiter.Start();
            Assert.True(SpinWait.SpinUntil(() => gil.IsRequested, Deadline));
            cancel.Cancel();
            Assert.True(waiter.Join(Deadline));
            Assert.True(wasCancelled);
            gil.Checkpoint();   // nobody is there to hand over to
            Assert.True(gil.IsHeldByCurrentThread);
            Assert.False(gil.IsRequested);
        }
    }

    [Fact]
    public void Wrong_use_is_told_with_the_remedy()
    {
        var gil = new GlobalLock();
        Assert.Contains("Acquire it", Assert.Throws<SynchronizationLockException>(() => { gil.Checkpoint(); }).Message, StringComparison.Ordinal);
        Assert.Throws<SynchronizationLockException>(() => { _ = gil.AllowThreads(); });
        Assert.Throws<SynchronizationLockException>(() =>
        {
            GlobalLock.Scope outer = gil.Acquire();
            GlobalLock.Scope inner = gil.Acquire();
            try
            {
                outer.Dispose();   // not in the reverse order
            }
            finally
            {
                inner.Dispose();
                outer.Dispose();
            }
        });
        Assert.Throws<SynchronizationLockException>(() =>
        {
            GlobalLock.Scope scope = gil.Acquire();
            scope.Dispose();
            scope.Dispose();
        });
        Assert.Throws<ArgumentOutOfRangeException>(() => new GlobalLock(TimeSpan.Zero));
        Assert.Throws<ArgumentOutOfRangeException>(() => gil.SwitchInterval = TimeSpan.FromDays(1));
        using GlobalLockTrace trace = gil.StartTrace(1);
        Assert.Throws<InvalidOperationException>(() => gil.StartTrace());
        Assert.Throws<ArgumentOutOfRangeException>(() => gil.StartTrace(0));
    }

    [Fact]
    public void A_trace_keeps_what_it_has_room_for_and_counts_the_rest()
    {
        var gil = new GlobalLock();
        GlobalLockTrace trace = gil.StartTrace(3);
        for (int i = 0; i < 10; i++)
        {
            using (gil.Acquire())
            {
            }
        }
        trace.Dispose();
        using (gil.Acquire())
        {
        }
        Assert.Equal(3, trace.Holds.Count);
        Assert.Equal(7, trace.LeftOut);
        Assert.All(trace.Holds, static h => Assert.True(h.To >= h.From && h.Why == GlobalLockRelease.Released));
        gil.StartTrace().Dispose();   // another one may begin
    }

    [Fact]
    public void Uncontended_it_allocates_nothing()
    {
        var gil = new GlobalLock();
        Once(gil);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
            Once(gil);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        static void Once(GlobalLock gil)
        {
            using (gil.Acquire())
                gil.Checkpoint();
        }
    }

    private static void Run(int threads, Action<int> work)
    {
        Exception? failure = null;
        Thread[] all = [.. Enumerable.Range(0, threads).Select(index => new Thread(() =>
        {
            try
            {
                work(index);
            }
            catch (Exception e)
            {
                failure = e;
            }
        })
        { Name = $"t{index}", IsBackground = true })];
        foreach (Thread thread in all)
            thread.Start();
        foreach (Thread thread in all)
            Assert.True(thread.Join(Deadline), "a thread hangs");
        Assert.Null(failure);
    }
}
