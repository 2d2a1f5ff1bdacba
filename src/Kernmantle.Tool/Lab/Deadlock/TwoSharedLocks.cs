namespace Kernmantle.Tool.Lab.Deadlock;

/// <summary>Two accounts that two worker processes lock by shared locks, each its own first.</summary>
/// <param name="breaksDeadlocks">One that waits in a circle gets a <see cref="DeadlockException"/>.</param>
internal sealed class TwoSharedLocks(bool breaksDeadlocks) : IDisposable
{
    private readonly SharedLock savings = new("savings", breaksDeadlocks: breaksDeadlocks), current = new("current", breaksDeadlocks: breaksDeadlocks);

    /// <summary>As on threads: the deadlock is certain, not a matter of luck. The third is who watches the clock.</summary>
    private readonly SharedBarrier bothHoldOne = new(3);

    /// <summary>Starts both, and returns when each has its first lock.</summary>
    /// <returns>Ends when both have had both locks: whether each had to give up in between.</returns>
    public Task<bool[]> Begin(WorkerPool pool, CancellationToken cancellationToken)
    {
        (SharedLock one, SharedLock other, SharedBarrier gate) = (savings, current, bothHoldOne);
        Task<bool[]> both = Task.WhenAll(
            pool.RunAsync(token => Take(one, other, gate, token), cancellationToken),
            pool.RunAsync(token => Take(other, one, gate, token), cancellationToken));
        gate.SignalAndWait(cancellationToken: cancellationToken);
        return both;
    }

    public void Dispose()
    {
        savings.Dispose();
        current.Dispose();
        bothHoldOne.Dispose();
    }

    /// <summary>Who has to give up gives back what it has, and takes them in the other's order.</summary>
    private static bool Take(SharedLock first, SharedLock second, SharedBarrier bothHoldOne, CancellationToken cancellationToken)
    {
        try
        {
            using (first.Enter(cancellationToken))
            {
                bothHoldOne.SignalAndWait(cancellationToken: cancellationToken);
                using (second.Enter(cancellationToken))
                    return false;
            }
        }
        catch (DeadlockException)
        {
            using (second.Enter(cancellationToken))
            using (first.Enter(cancellationToken))
                return true;
        }
    }
}
