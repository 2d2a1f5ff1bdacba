namespace Kernmantle.Tests.GlobalLocks;

/// <summary>Who gets it when, told by states and never by elapsed time.</summary>
public sealed class HandOverTests
{
    private static readonly TimeSpan Never = TimeSpan.FromHours(1), Soon = TimeSpan.FromMilliseconds(1);

    [Fact]
    public async Task One_thread_at_a_time_whatever_they_do()
    {
        var gil = new GlobalLock(Soon);
        int inside = 0, most = 0, counter = 0;

        void Work(int seed)
        {
            var random = new Random(seed);
            for (int i = 0; i < 300; i++)
            {
                using var giveUp = new CancellationTokenSource();
                if (random.Next(4) == 0)
                    giveUp.CancelAfter(random.Next(3));
                try
                {
                    using (gil.Acquire(giveUp.Token))
                        Inside(random);
                }
                catch (OperationCanceledException) when (giveUp.IsCancellationRequested)
                {
                    // It left the queue: the others have to get on all the same.
                }
            }
        }

        void Inside(Random random)
        {
            Visit();
            using (gil.Acquire())
                Visit();
            for (int n = random.Next(2000); n > 0; n--)
            {
                if (gil.Checkpoint())
                    Visit();
            }
            if (random.Next(3) == 0)
            {
                using (gil.AllowThreads())
                    Assert.False(gil.IsHeldByCurrentThread);
            }
            Visit();
        }

        void Visit()
        {
            most = Math.Max(most, Interlocked.Increment(ref inside));
            Assert.True(gil.IsHeldByCurrentThread);
            counter++;
            Interlocked.Decrement(ref inside);
        }

        await Task.WhenAll(Enumerable.Range(0, 6).Select(seed => OnThread.Start(() => Work(seed))));

        Assert.Equal(1, most);
        Assert.True(counter > 0);
        Assert.Null(gil.Owner);
        Assert.Equal(0, gil.Statistics.Waiting);
        using (gil.Acquire())
            Assert.True(gil.IsHeldByCurrentThread);   // it is still of use
    }

    [Fact]
    public async Task Who_gives_it_up_on_request_gets_it_back_only_after_another_thread_had_it()
    {
        var gil = new GlobalLock(Soon);
        bool done = false;
        int turns = 0;
        Task busy = OnThread.Start(() =>
        {
            using (gil.Acquire())
            {
                while (!Volatile.Read(ref done))
                {
                    long before = gil.Statistics.Switches;
                    if (gil.Checkpoint())
                    {
                        Assert.True(gil.Statistics.Switches >= before + 2, "nobody had it meanwhile");
                        turns++;
                    }
                }
            }
        });
        await OnThread.Until(() => gil.Owner is not null, "the busy thread has the lock");
        await OnThread.Start(() =>
        {
            for (int i = 0; i < 20; i++)
            {
                using (gil.Acquire())
                    Assert.True(gil.IsHeldByCurrentThread);
                OnThread.BlockUntil(() => gil.Owner is not null, "the busy thread has the lock again");
            }
        });
        Volatile.Write(ref done, true);
        await busy;

        Assert.Equal(20, turns);
        Assert.Equal(20, gil.Statistics.ForcedSwitches);
        Assert.Equal(20, gil.Statistics.Requests);
    }

    [Fact]
    public async Task Nobody_asks_before_the_switch_interval_is_over()
    {
        var gil = new GlobalLock(Never);
        Task waiter;
        using (new Held(gil, out Action release))
        {
            waiter = OnThread.Start(() => gil.Acquire().Dispose());
            await OnThread.Until(() => gil.Statistics.Waiting == 1, "the other thread waits");
            release();
        }
        await waiter;
        Assert.Equal(0, gil.Statistics.Requests);
        Assert.Equal(0, gil.Statistics.ForcedSwitches);
        Assert.Equal(1, gil.Statistics.Waits);
    }

    [Fact]
    public async Task A_holder_that_is_not_asked_keeps_the_lock_at_checkpoints()
    {
        var gil = new GlobalLock(Never);
        Task? waiter = null;
        await OnThread.Start(() =>
        {
            using (gil.Acquire())
            {
                waiter = OnThread.Start(() => gil.Acquire().Dispose());
                OnThread.BlockUntil(() => gil.Statistics.Waiting == 1, "the other thread waits");
                Assert.False(gil.Checkpoint());
                Assert.Equal(1, gil.Statistics.Switches);
            }
        });
        await waiter!;
    }

    [Fact]
    public async Task A_request_waits_for_the_next_checkpoint()
    {
        var gil = new GlobalLock(Soon);
        await OnThread.Start(() =>
        {
            Task waiter;
            using (gil.Acquire())
            {
                waiter = OnThread.Start(() => gil.Acquire().Dispose());
                OnThread.BlockUntil(() => gil.Statistics.Requests == 1, "the other thread asked");
                Assert.True(gil.IsHeldByCurrentThread);
                Assert.Equal(1, gil.Statistics.Switches);

                Assert.True(gil.Checkpoint());
                Assert.True(gil.IsHeldByCurrentThread);
                Assert.Equal(3, gil.Statistics.Switches);
            }
            Assert.True(waiter.Wait(TimeSpan.FromSeconds(60)));
        });
    }

    [Fact]
    public async Task A_holder_that_was_asked_ends_after_the_other_thread_has_it()
    {
        var gil = new GlobalLock(Soon);
        await OnThread.Start(() =>
        {
            Task waiter;
            using (gil.Acquire())
            {
                waiter = OnThread.Start(() => gil.Acquire().Dispose());
                OnThread.BlockUntil(() => gil.Statistics.Requests == 1, "the other thread asked");
            }
            Assert.Equal(2, gil.Statistics.Switches);
            Assert.Equal(1, gil.Statistics.ForcedSwitches);
            Assert.True(waiter.Wait(TimeSpan.FromSeconds(60)));
        });
    }

    [Fact]
    public async Task Who_releases_it_and_acquires_it_again_at_once_does_not_starve_the_others()
    {
        var gil = new GlobalLock(Soon);
        bool done = false;
        Task greedy = OnThread.Start(() =>
        {
            while (!Volatile.Read(ref done))
            {
                using (gil.Acquire())
                    Thread.SpinWait(50);
            }
        });
        await OnThread.Start(() =>
        {
            for (int i = 0; i < 50; i++)
                gil.Acquire().Dispose();
        });
        Volatile.Write(ref done, true);
        await greedy;
    }

    [Fact]
    public async Task A_request_goes_with_the_waiter_that_gives_up()
    {
        var gil = new GlobalLock(Soon);
        await OnThread.Start(() =>
        {
            using var giveUp = new CancellationTokenSource();
            using (gil.Acquire())
            {
                Task waiter = OnThread.Start(() => gil.Acquire(giveUp.Token).Dispose());
                OnThread.BlockUntil(() => gil.Statistics.Requests == 1, "the other thread asked");
                giveUp.Cancel();
                Assert.IsAssignableFrom<OperationCanceledException>(Assert.Throws<AggregateException>(() => waiter.Wait(CancellationToken.None)).InnerException);
                Assert.Equal(0, gil.Statistics.Waiting);
                Assert.False(gil.Checkpoint());
            }
            Assert.Equal(0, gil.Statistics.ForcedSwitches);
        });
    }

    [Fact]
    public void A_cancelled_token_takes_nothing()
    {
        var gil = new GlobalLock();
        Assert.ThrowsAny<OperationCanceledException>(() => gil.Acquire(new CancellationToken(true)).Dispose());
        Assert.Null(gil.Owner);
    }

    [Fact]
    public async Task Blocking_work_leaves_the_lock_to_others_and_restores_the_depth()
    {
        var gil = new GlobalLock();
        await OnThread.Start(() =>
        {
            using (gil.Acquire())
            {
                using (gil.Acquire())
                {
                    using (gil.AllowThreads())
                    {
                        Assert.False(gil.IsHeldByCurrentThread);
                        Assert.True(OnThread.Start(() => gil.Acquire().Dispose()).Wait(TimeSpan.FromSeconds(60)));
                        using (gil.Acquire())
                            Assert.True(gil.IsHeldByCurrentThread);   // as native code that calls back does
                        Assert.False(gil.IsHeldByCurrentThread);
                    }
                    Assert.True(gil.IsHeldByCurrentThread);
                }
                Assert.True(gil.IsHeldByCurrentThread);
            }
            Assert.False(gil.IsHeldByCurrentThread);
        });
    }

    [Fact]
    public async Task An_interruption_does_not_take_the_lock_away_from_code_that_relies_on_it()
    {
        var gil = new GlobalLock(Never);
        Thread? sleeper = null;
        using (new Held(gil, out Action release, afterwards: allowed =>
        {
            // Here the lock is free, since its holder began blocking work.
            sleeper = Thread.CurrentThread;
            allowed();
            Assert.True(gil.IsHeldByCurrentThread);
            Assert.Throws<ThreadInterruptedException>(() => Thread.Sleep(Timeout.Infinite));   // it came later
        }))
        {
            await OnThread.Until(() => Volatile.Read(ref sleeper) is not null && gil.Owner is null, "the holder blocks");
            using (gil.Acquire())
            {
                release();
                OnThread.BlockUntil(() => gil.Statistics.Waiting == 1, "it waits to get the lock back");
                sleeper!.Interrupt();
            }
        }
        Assert.Null(gil.Owner);
    }

    /// <summary>The lock, held by a thread of its own until released; its failures come at the end.</summary>
    private sealed class Held : IDisposable
    {
        private readonly ManualResetEventSlim released = new();
        private readonly Task thread;

        /// <param name="afterwards">Runs while the holder does blocking work; it is given what ends that work.</param>
        public Held(GlobalLock gil, out Action release, Action<Action>? afterwards = null)
        {
            using var held = new ManualResetEventSlim();
            thread = OnThread.Start(() =>
            {
                using (gil.Acquire())
                {
                    held.Set();
                    if (afterwards is null)
                        released.Wait();
                    else
                        afterwards(() => Block(gil));
                }
            });
            held.Wait(TestContext.Current.CancellationToken);
            release = released.Set;
        }

        public void Dispose()
        {
            released.Set();
            thread.GetAwaiter().GetResult();
            released.Dispose();
        }

        private void Block(GlobalLock gil)
        {
            using (gil.AllowThreads())
                released.Wait();
        }
    }
}
