namespace Kernmantle.Tests.GlobalLocks;

/// <summary>Wrong use is a typed failure with the remedy, and the lock stays as it was.</summary>
public sealed class MisuseTests
{
    private readonly GlobalLock gil = new(TimeSpan.FromMilliseconds(1));

    [Fact]
    public void A_checkpoint_needs_the_lock()
    {
        var e = Assert.Throws<SynchronizationLockException>(() => { gil.Checkpoint(); });
        Assert.Contains("Acquire it on this thread", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_checkpoint_needs_the_lock_on_this_very_thread()
    {
        await OnThread.Start(() =>
        {
            using (gil.Acquire())
            {
                AggregateException e = Assert.Throws<AggregateException>(() => OnThread.Start(() => gil.Checkpoint()).Wait(CancellationToken.None));
                Assert.IsType<SynchronizationLockException>(e.InnerException);
                Assert.True(gil.IsHeldByCurrentThread);
            }
        });
    }

    [Fact]
    public void Blocking_work_needs_the_lock()
    {
        Assert.Throws<SynchronizationLockException>(() => gil.AllowThreads().Dispose());
        using (gil.Acquire())
        using (gil.AllowThreads())
            Assert.Throws<SynchronizationLockException>(() => gil.AllowThreads().Dispose());
    }

    [Fact]
    public void Scopes_end_in_reverse_order()
    {
        GlobalLock.Scope outer = gil.Acquire();
        GlobalLock.Scope inner = gil.Acquire();
        SynchronizationLockException? e = null;
        try
        {
            outer.Dispose();
        }
        catch (SynchronizationLockException caught)
        {
            e = caught;
        }
        Assert.Contains("reverse order", e?.Message, StringComparison.Ordinal);
        Assert.True(gil.IsHeldByCurrentThread);
        inner.Dispose();
        outer.Dispose();
        Assert.False(gil.IsHeldByCurrentThread);
    }

    [Fact]
    public void A_scope_ends_once()
    {
        GlobalLock.Scope outer = gil.Acquire();
        GlobalLock.Scope first = gil.Acquire();
        first.Dispose();
        GlobalLock.Scope second = gil.Acquire();   // as deep as the first
        Assert.True(Fails(first));
        second.Dispose();
        outer.Dispose();
        Assert.True(Fails(outer));
        using (gil.Acquire())
            Assert.True(Fails(outer));
        Assert.Null(gil.Owner);

        static bool Fails(GlobalLock.Scope scope)
        {
            try
            {
                scope.Dispose();
                return false;
            }
            catch (SynchronizationLockException)
            {
                return true;
            }
        }
    }

    [Fact]
    public void The_lock_cannot_be_released_during_blocking_work()
    {
        GlobalLock.Scope scope = gil.Acquire();
        GlobalLock.Allowance allowed = gil.AllowThreads();
        bool failed = false;
        try
        {
            scope.Dispose();
        }
        catch (SynchronizationLockException)
        {
            failed = true;
        }
        Assert.True(failed);
        allowed.Dispose();
        Assert.True(gil.IsHeldByCurrentThread);
        scope.Dispose();
    }

    [Fact]
    public void What_was_taken_during_blocking_work_is_released_before_its_end()
    {
        GlobalLock.Scope scope = gil.Acquire();
        GlobalLock.Allowance allowed = gil.AllowThreads();
        GlobalLock.Scope inner = gil.Acquire();
        bool failed = false;
        try
        {
            allowed.Dispose();
        }
        catch (SynchronizationLockException)
        {
            failed = true;
        }
        Assert.True(failed);
        inner.Dispose();
        allowed.Dispose();
        scope.Dispose();
        Assert.Null(gil.Owner);
    }

    [Fact]
    public void A_scope_of_no_lock_does_nothing()
    {
        default(GlobalLock.Scope).Dispose();
        default(GlobalLock.Allowance).Dispose();
    }

    [Fact]
    public async Task A_thread_that_ends_with_the_lock_although_it_was_asked_for_it_is_named_to_those_who_wait()
    {
        var thread = new Thread(() =>
        {
            _ = gil.Acquire();
            OnThread.BlockUntil(() => gil.IsRequested, "somebody asks for the lock");
        })
        { Name = "careless" };
        thread.Start();
        await OnThread.Until(() => gil.IsRequested || gil.Owner == thread, "the thread has the lock");
        var e = await Assert.ThrowsAsync<SynchronizationLockException>(() => OnThread.Start(() => gil.Acquire().Dispose()));
        Assert.Contains("careless", e.Message, StringComparison.Ordinal);
        Assert.Equal(0, gil.Statistics.Waiting);
    }

    [Fact]
    public async Task A_thread_that_ended_with_the_lock_is_named_to_those_who_wait()
    {
        var thread = new Thread(() => _ = gil.Acquire()) { Name = "careless" };
        thread.Start();
        thread.Join();
        var e = await Assert.ThrowsAsync<SynchronizationLockException>(() => OnThread.Start(() => gil.Acquire().Dispose()));
        Assert.Contains("careless", e.Message, StringComparison.Ordinal);
        Assert.Equal(0, gil.Statistics.Waiting);
    }
}
