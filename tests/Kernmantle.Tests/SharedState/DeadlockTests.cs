using Kernmantle.Platform.Linux;
using Kernmantle.SharedState;
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
    public async Task A_circle_is_told_of_however_many_others_stand()
    {
        const int Others = 6;
        using var give = new CancellationTokenSource();
        SharedLock[] locks = [.. Enumerable.Range(0, 2 * Others).Select(static n => new SharedLock($"stands {n}"))];
        SharedBarrier[] meetings = [.. Enumerable.Range(0, Others).Select(static _ => new SharedBarrier(2))];
        Task[] standing = [.. Enumerable.Range(0, 2 * Others).Select(n => Start(() => Take(locks[n], locks[n ^ 1], meetings[n / 2], give.Token)))];
        await Contracts.Waiting.Until(() => SharedLock.FindDeadlocks().Count(static text => text.Contains("stands", StringComparison.Ordinal)) == Others, "the others stand", Bound);
        using var log = new ListFactory();
        await using WorkerPool pool = WorkerPool.Processes(1, new() { LoggerFactory = log });
        using var fork = new SharedLock("the last fork");
        Task caller = Start(() =>
        {
            using (fork.Enter())
                pool.Run(DeadlockCalls.TakeAndGiveBack, fork, give.Token);
        });

        Assert.Contains("\"the last fork\"", (await log.FindAsync(static record => record.EventId.Id == 1105)).Message, StringComparison.Ordinal);

        await give.CancelAsync();
        foreach (Task task in standing.Append(caller))
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => task);
        foreach (IDisposable used in (IDisposable[])[.. locks, .. meetings])
            used.Dispose();
    }

    /// <summary>A path of some ten thousand threads that are not there, with some hundred thousand ways to go on from them, all of which lead back.</summary>
    [Fact]
    public async Task A_circle_is_told_of_whatever_a_worker_writes()
    {
        const int Pages = 150;
        await using WorkerPool liars = WorkerPool.Processes(1);
        SharedReaderWriterLock[] spoilt = [.. Enumerable.Range(0, Pages).Select(static _ => new SharedReaderWriterLock())];
        for (int i = 0; i < Pages; i++)
        {
            SharedReaderWriterLock page = spoilt[i];
            int number = i;
            await liars.RunAsync(() => Lie(page, number, Pages), Token);
        }
        using var log = new ListFactory();
        await using WorkerPool pool = WorkerPool.Processes(1, new() { LoggerFactory = log });
        using var fork = new SharedLock("an honest fork");
        using var give = new CancellationTokenSource();
        Task caller = Start(() =>
        {
            using (fork.Enter())
                pool.Run(DeadlockCalls.TakeAndGiveBack, fork, give.Token);
        });

        Assert.Contains("\"an honest fork\"", (await log.FindAsync(static record => record.EventId.Id == 1105)).Message, StringComparison.Ordinal);

        await give.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => caller);
        foreach (SharedReaderWriterLock page in spoilt)
            page.Dispose();
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

    [Fact]
    public async Task A_circle_through_a_call_is_told_of_by_name()
    {
        using var log = new ListFactory();
        await using WorkerPool pool = WorkerPool.Processes(1, new() { Name = "dining", LoggerFactory = log });
        using var fork = new SharedLock("fork of the caller");
        using var give = new CancellationTokenSource();
        Task caller = Start(() =>
        {
            using (fork.Enter())
                pool.Run(DeadlockCalls.TakeAndGiveBack, fork, give.Token);
        });

        string told = (await log.FindAsync(static record => record.EventId.Id == 1105)).Message;

        Assert.Contains("\"fork of the caller\"", told, StringComparison.Ordinal);
        Assert.Contains("its call of DeadlockCalls.TakeAndGiveBack", told, StringComparison.Ordinal);
        Assert.Contains("dining-1", told, StringComparison.Ordinal);
        Assert.Contains(SharedLock.FindDeadlocks(), static text => text.Contains("fork of the caller", StringComparison.Ordinal));
        await give.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => caller);
        Assert.DoesNotContain(SharedLock.FindDeadlocks(), static text => text.Contains("fork of the caller", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_worker_gives_up_whose_caller_has_what_it_waits_for(bool hasToken)
    {
        await using WorkerPool pool = WorkerPool.Processes(1);
        using var fork = new SharedLock("fork", breaksDeadlocks: true);
        await Start(() =>
        {
            using (fork.Enter())
            {
                RemoteException failure = Assert.Throws<RemoteException>(() =>
                {
                    if (hasToken)
                        pool.Run(token => fork.Enter(token).Dispose(), Token);   // goes another way
                    else
                        pool.Run(() => fork.Enter().Dispose(), Token);
                });
                Assert.Equal(typeof(DeadlockException).FullName, failure.TypeName);
            }
        });
        pool.Run(() => fork.Enter().Dispose(), Token);
    }

    [Fact]
    public async Task A_circle_of_a_caller_and_two_workers_is_broken()
    {
        await using WorkerPool pool = WorkerPool.Processes(2);
        using var hosts = new SharedLock("of the host", breaksDeadlocks: true);
        using var workers = new SharedLock("of a worker");
        using var held = new SharedEvent();
        await Start(() =>
        {
            using (hosts.Enter())
            {
                Task<bool> other = pool.RunAsync(() =>
                {
                    using (workers.Enter())
                    {
                        held.Set();
                        try
                        {
                            hosts.Enter().Dispose();
                            return false;
                        }
                        catch (DeadlockException)
                        {
                            return true;
                        }
                    }
                }, Token);
                held.Wait(Bound, Token);
                pool.Run(() => workers.Enter().Dispose(), Token);
                Assert.True(other.GetAwaiter().GetResult());
            }
        });
    }

    [Fact]
    public async Task A_caller_whose_worker_waits_for_another_one_that_works_is_in_none()
    {
        await using WorkerPool pool = WorkerPool.Processes(1);
        using var busy = new SharedLock("of one that works", breaksDeadlocks: true);
        using var own = new SharedLock("of the caller", breaksDeadlocks: true);
        using var goOn = new SharedEvent();
        using var held = new SharedEvent();
        Task working = Start(() =>
        {
            using (busy.Enter())
            {
                held.Set();
                goOn.Wait(Bound);
            }
        });
        held.Wait(Bound, Token);
        Task calling = Start(() =>
        {
            using (own.Enter())
                pool.Run(() => busy.Enter().Dispose(), Token);
        });
        Assert.True(SpinWait.SpinUntil(() => busy.Memory.Words.Sleepers != 0, Bound));
        for (int i = 0; i < 10; i++)
            Assert.DoesNotContain(SharedLock.FindDeadlocks(), static text => text.Contains("of the caller", StringComparison.Ordinal));
        goOn.Set();
        await Task.WhenAll(working, calling);
    }

    [Fact]
    public async Task Two_circles_through_one_lock_are_both_broken()
    {
        const int Stop = 19, Continue = 18;
        await using WorkerPool pool = WorkerPool.Processes(2);
        using var middle = new SharedReaderWriterLock("middle", breaksDeadlocks: true);
        using SharedLock left = new("left"), right = new("right");
        using var all = new SharedBarrier(4);
        using var processes = new SharedArray<int>(2);
        Task[] readers = [Start(() => ReadThenTake(middle, left)), Start(() => ReadThenTake(middle, right))];
        Task<bool>[] writers = [pool.RunAsync(() => TakeThenWrite(0, left), Token), pool.RunAsync(() => TakeThenWrite(1, right), Token)];

        // While neither can hear it, both are asked by the same word to give up: the second one alone finds its name there.
        Assert.True(SpinWait.SpinUntil(() => long.PopCount(Volatile.Read(ref middle.Memory.Words.Sleepers)) == 2, Bound));
        foreach (int process in processes.Span)
            Assert.Equal(0, LibC.Kill(process, Stop));
        Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref middle.Memory.Words.Refused) != 0, Bound));
        await Task.Delay(TimeSpan.FromMilliseconds(50), Token);   // the watch asks the second one within that, or later: then nothing is proved
        foreach (int process in processes.Span)
            Assert.Equal(0, LibC.Kill(process, Continue));

        Assert.All(await Task.WhenAll(writers), Assert.True);
        await Task.WhenAll(readers);

        void ReadThenTake(SharedReaderWriterLock read, SharedLock taken)
        {
            using (read.EnterRead())
            {
                all.SignalAndWait(Bound);
                taken.Enter().Dispose();
            }
        }

        bool TakeThenWrite(int index, SharedLock taken)
        {
            processes[index] = Environment.ProcessId;
            using (taken.Enter())
            {
                all.SignalAndWait(Bound);
                try
                {
                    middle.EnterWrite().Dispose();
                    return false;
                }
                catch (DeadlockException)
                {
                    return true;
                }
            }
        }
    }

    private static Task Start(Action action) => Task.Factory.StartNew(action, Token, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private static void Take(SharedLock first, SharedLock second, SharedBarrier both, CancellationToken token)
    {
        using (first.Enter(token))
        {
            both.SignalAndWait(Bound, token);
            second.Enter(token).Dispose();
        }
    }

    /// <summary>In the worker: each of 63 waits for each of 63 others, who wait for those of the next page, and the last for the first.</summary>
    private static unsafe void Lie(SharedReaderWriterLock page, int number, int pages)
    {
        const int Seats = StateWords.Seats - 1;
        byte* start = page.Memory.Start;
        for (int i = 0; i < Seats; i++)
        {
            ((long*)(start + StateWords.SleeperSeats))[i] = Party.NameOf(Party.Maker, NameIn(number) + i);
            ((long*)(start + StateWords.ReaderSeats))[i] = Party.NameOf(Party.Maker, NameIn((number + 1) % pages) + i);
        }
        Volatile.Write(ref page.Memory.Words.Sleepers, -1);
        Volatile.Write(ref page.Memory.Words.Readers, -1);

        static int NameIn(int number) => 1_000_000 + (number * Seats);
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

/// <summary>A function with a name of its own.</summary>
internal static class DeadlockCalls
{
    public static void TakeAndGiveBack(SharedLock fork, CancellationToken token) => fork.Enter(token).Dispose();
}
