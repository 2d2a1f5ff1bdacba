using Kernmantle.Tests.Logging;

namespace Kernmantle.Tests.SharedState;

/// <summary>Threads of several processes that wait for each other are told of, and one may give up.</summary>
public sealed class DeadlockTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(2);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_circle_of_workers_is_told_of_by_name()
    {
        using var log = new ListFactory();
        await using WorkerPool pool = WorkerPool.Processes(2, new() { Name = "dining", LoggerFactory = log });
        using var left = new SharedLock("left fork");
        using var right = new SharedLock("right fork");
        using var both = new SharedBarrier(2);
        using var give = new CancellationTokenSource();
        Task first = pool.RunAsync(token => Take(left, right, both, token), give.Token);
        Task second = pool.RunAsync(token => Take(right, left, both, token), give.Token);

        string told = (await log.FindAsync(static record => record.EventId.Id == 1105)).Message;

        Assert.Contains("\"left fork\"", told, StringComparison.Ordinal);
        Assert.Contains("\"right fork\"", told, StringComparison.Ordinal);
        Assert.Contains("dining-1", told, StringComparison.Ordinal);
        Assert.Contains("dining-2", told, StringComparison.Ordinal);
        Assert.Contains(SharedLock.FindDeadlocks(), text => text.Contains("left fork", StringComparison.Ordinal));
        await give.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.WhenAll(first, second));   // who gives up first lets the other one go on, perhaps
    }

    [Fact]
    public async Task One_of_a_circle_gives_up_where_it_may_and_the_others_go_on()
    {
        await using WorkerPool pool = WorkerPool.Processes(1);
        using var left = new SharedLock("left fork", breaksDeadlocks: true);
        using var right = new SharedLock("right fork", breaksDeadlocks: true);
        using var both = new SharedBarrier(2);
        Task<bool> worker = pool.RunAsync(() => TakeOrGiveUp(left, right, both), Token);
        Task<bool> host = Task.Run(() => TakeOrGiveUp(right, left, both), Token);
        Assert.Single(await Task.WhenAll(worker, host), static gaveUp => gaveUp);
        Assert.Equal(LockTaken.Yes, left.TryEnter(Bound, Token));
        left.Exit();
    }

    [Fact]
    public async Task Two_readers_that_both_want_to_write_are_a_circle_too()
    {
        await using WorkerPool pool = WorkerPool.Processes(1);
        using var one = new SharedReaderWriterLock("accounts", breaksDeadlocks: true);
        using var other = new SharedReaderWriterLock("orders", breaksDeadlocks: true);
        using var both = new SharedBarrier(2);
        Task<bool> worker = pool.RunAsync(() => WriteOrGiveUp(one, other, both), Token);
        Task<bool> host = Task.Run(() => WriteOrGiveUp(other, one, both), Token);
        Assert.Single(await Task.WhenAll(worker, host), static gaveUp => gaveUp);
    }

    [Fact]
    public async Task Those_that_wait_for_one_that_works_are_none()
    {
        await using WorkerPool pool = WorkerPool.Processes(1);
        using var guard = new SharedLock("busy", breaksDeadlocks: true);
        using var goOn = new SharedEvent();
        using var held = new SharedEvent();
        Task working = pool.RunAsync(() =>
        {
            using (guard.Enter())
            {
                held.Set();
                goOn.Wait(Bound);
            }
        }, Token);
        held.Wait(Bound, Token);
        Task<LockTaken> waiting = Task.Run(() => guard.TryEnter(Bound, Token), Token);
        SpinWait.SpinUntil(() => guard.Memory.Words.Sleepers != 0, Bound);
        for (int i = 0; i < 10; i++)
            Assert.DoesNotContain(SharedLock.FindDeadlocks(), static text => text.Contains("busy", StringComparison.Ordinal));
        goOn.Set();
        await working;
        Assert.Equal(LockTaken.Yes, await waiting);
    }

    private static void Take(SharedLock first, SharedLock second, SharedBarrier both, CancellationToken token)
    {
        using (first.Enter(token))
        {
            both.SignalAndWait(Bound, token);
            second.Enter(token).Dispose();
        }
    }

    private static bool TakeOrGiveUp(SharedLock first, SharedLock second, SharedBarrier both)
    {
        using (first.Enter())
        {
            both.SignalAndWait(Bound);
            try
            {
                second.Enter().Dispose();
                return false;
            }
            catch (DeadlockException)
            {
                return true;
            }
        }
    }

    private static bool WriteOrGiveUp(SharedReaderWriterLock read, SharedReaderWriterLock written, SharedBarrier both)
    {
        using (read.EnterRead())
        {
            both.SignalAndWait(Bound);
            try
            {
                written.EnterWrite().Dispose();
                return false;
            }
            catch (DeadlockException)
            {
                return true;
            }
        }
    }
}
