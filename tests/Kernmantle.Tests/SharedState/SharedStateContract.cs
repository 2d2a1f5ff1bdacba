using System.Runtime.InteropServices;

namespace Kernmantle.Tests.SharedState;

/// <summary>What shared objects do between the workers of any place that has memory to share, and the host.</summary>
public abstract class SharedStateContract
{
    private protected static readonly TimeSpan Bound = TimeSpan.FromMinutes(2);

    private const int Rounds = 20_000;

    protected abstract WorkerPool Pool(int workers);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Adding_to_a_number_loses_no_count()
    {
        await using WorkerPool pool = Pool(2);
        using var number = new SharedValue<int>();
        using var numbers = new SharedArray<long>(3);
        await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => pool.RunAsync(() =>
        {
            for (int i = 0; i < Rounds; i++)
            {
                number.Add(1);
                numbers.Add(2, 3);
            }
        }, Token)));
        Assert.Equal(2 * Rounds, number.Read());
        Assert.Equal([0, 0, 6 * Rounds], numbers.Span.ToArray());
    }

    [Fact]
    public async Task A_large_value_is_never_seen_in_part()
    {
        await using WorkerPool pool = Pool(2);
        using var value = new SharedValue<Wide>();
        using var stop = new SharedEvent();
        Task<int> reading = pool.RunAsync(() =>
        {
            int seen = 0;
            while (!stop.IsSet)
            {
                Wide wide = value.Read();
                if (!wide.IsWhole)
                    throw new InvalidOperationException("In part.");
                seen++;
            }
            return seen;
        }, Token);
        Task writing = pool.RunAsync(() =>
        {
            for (int i = 0; i < Rounds; i++)
                value.Update(static wide => Wide.Of(wide.A + 1));
        }, Token);
        for (int i = 0; i < Rounds; i++)
            value.Update(static wide => Wide.Of(wide.A + 1));
        await writing;
        stop.Set();
        await reading;
        Assert.Equal(2 * Rounds, value.Read().A);
        Assert.Equal(Wide.Of(2 * Rounds), value.CompareExchange(Wide.Of(5), Wide.Of(2 * Rounds)));
        Assert.Equal(Wide.Of(5), value.CompareExchange(Wide.Of(6), Wide.Of(1)));
        Assert.Equal(Wide.Of(5), value.Exchange(Wide.Of(7)));
        Assert.Equal(7, value.Read().H);
    }

    [Fact]
    public async Task A_lock_lets_one_in_at_a_time()
    {
        await using WorkerPool pool = Pool(2);
        using var guard = new SharedLock();
        using var count = new SharedArray<int>(1);
        await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => pool.RunAsync(() => AddUnder(guard, count), Token)).Append(Task.Run(() => AddUnder(guard, count), Token)));
        Assert.Equal(3 * Rounds, count[0]);
    }

    [Fact]
    public async Task A_lock_that_is_not_free_is_waited_for_and_no_longer_than_wanted()
    {
        await using WorkerPool pool = Pool(1);
        using var guard = new SharedLock();
        using var done = new SharedEvent();
        using var held = new SharedEvent();
        Task holding = pool.RunAsync(() =>
        {
            using (guard.Enter())
            {
                held.Set();
                done.Wait(Bound);
            }
        }, Token);
        Assert.True(held.Wait(Bound, Token));
        Assert.Equal(LockTaken.No, guard.TryEnter(TimeSpan.Zero, Token));
        Assert.Equal(LockTaken.No, guard.TryEnter(TimeSpan.FromMilliseconds(5), Token));
        using var cancel = new CancellationTokenSource();
        Task<LockTaken> waiting = Task.Run(() => guard.TryEnter(Bound, cancel.Token), Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        Assert.Throws<SynchronizationLockException>(guard.Exit);
        done.Set();
        Assert.Equal(LockTaken.Yes, guard.TryEnter(Bound, Token));
        Assert.True(guard.IsHeldByCurrentThread);
        Assert.Throws<LockRecursionException>(() => guard.TryEnter(TimeSpan.Zero));
        guard.Exit();
        Assert.False(guard.IsHeldByCurrentThread);
        await holding;
    }

    [Fact]
    public async Task A_reentrant_lock_is_free_when_it_was_given_back_as_often()
    {
        await using WorkerPool pool = Pool(1);
        using var guard = new SharedLock(isReentrant: true);
        Assert.Equal(LockTaken.Yes, guard.TryEnter(TimeSpan.Zero));
        Assert.Equal(LockTaken.Yes, guard.TryEnter(TimeSpan.Zero));
        guard.Exit();
        Assert.Equal(LockTaken.No, pool.Run(static guard => guard.TryEnter(TimeSpan.Zero), guard));
        guard.Exit();
        Assert.True(pool.Run(static guard =>
        {
            using (guard.Enter())
            using (guard.Enter())
                return guard.IsHeldByCurrentThread;
        }, guard));
    }

    [Fact]
    public async Task Many_read_or_one_writes()
    {
        await using WorkerPool pool = Pool(2);
        using var guard = new SharedReaderWriterLock();
        using var pair = new SharedArray<int>(2);
        using var together = new SharedBarrier(2);
        // Two readers at once: each waits for the other inside.
        await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => pool.RunAsync(() =>
        {
            using (guard.EnterRead())
                together.SignalAndWait(Bound);
        }, Token)));
        Task<int>[] working = [.. Enumerable.Range(0, 2).Select(_ => pool.RunAsync(() =>
        {
            int torn = 0;
            for (int i = 0; i < Rounds / 10; i++)
            {
                using (guard.EnterWrite())
                {
                    pair[0]++;
                    pair[1]++;
                }
                using (guard.EnterRead())
                    torn += pair[0] == pair[1] ? 0 : 1;
            }
            return torn;
        }, Token))];
        Assert.All(await Task.WhenAll(working), static torn => Assert.Equal(0, torn));
        Assert.Equal([Rounds / 5, Rounds / 5], pair.Span.ToArray());
        using (guard.EnterRead())
        {
            Assert.Equal(LockTaken.No, pool.Run(static guard => guard.TryEnterWrite(TimeSpan.FromMilliseconds(5)), guard));
            Assert.Throws<LockRecursionException>(() => guard.TryEnterRead(TimeSpan.Zero));
            Assert.Throws<SynchronizationLockException>(guard.ExitWrite);
        }
        Assert.Equal(LockTaken.Yes, guard.TryEnterWrite(Bound));   // who gave up has left nothing
        Assert.Equal(LockTaken.No, pool.Run(static guard => guard.TryEnterRead(TimeSpan.Zero), guard));
        guard.ExitWrite();
        Assert.Throws<SynchronizationLockException>(guard.ExitRead);
    }

    [Fact]
    public async Task A_semaphore_gives_as_many_permits_as_it_has()
    {
        await using WorkerPool pool = Pool(2);
        using var permits = new SharedSemaphore(2, 3);
        using var inside = new SharedValue<int>();
        using var most = new SharedValue<int>();
        await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => pool.RunAsync(() => Pass(permits, inside, most), Token)).Append(Task.Run(() => Pass(permits, inside, most), Token)));
        Assert.InRange(most.Read(), 1, 2);
        Assert.Equal(2, permits.CurrentCount);
        permits.Release();
        Assert.Equal(3, permits.CurrentCount);
        Assert.Throws<SemaphoreFullException>(() => permits.Release());
        Assert.Throws<ArgumentOutOfRangeException>(() => permits.Release(0));
        for (int i = 0; i < 3; i++)
            Assert.True(permits.Wait(TimeSpan.Zero, Token));
        Assert.False(permits.Wait(TimeSpan.FromMilliseconds(5), Token));
        // One process signals by it, another one waits.
        Task<bool> waiting = pool.RunAsync(() => permits.Wait(Bound), Token);
        permits.Release();
        Assert.True(await waiting);
    }

    [Fact]
    public async Task An_event_lets_all_go_or_one()
    {
        await using WorkerPool pool = Pool(2);
        using var all = new SharedEvent();
        using var one = new SharedEvent(mode: EventResetMode.AutoReset);
        using var gone = new SharedValue<int>();
        Task[] waiting = [.. Enumerable.Range(0, 2).Select(_ => pool.RunAsync(() =>
        {
            all.Wait(Bound);
            one.Wait(Bound);
            gone.Add(1);
        }, Token))];
        all.Set();
        one.Set();
        await await Task.WhenAny(waiting);
        Assert.Equal(1, gone.Read());
        Assert.True(all.IsSet);
        Assert.False(one.IsSet);
        one.Set();
        await Task.WhenAll(waiting);
        all.Reset();
        Assert.False(all.Wait(TimeSpan.Zero, Token));
        Assert.False(one.Wait(TimeSpan.FromMilliseconds(5), Token));
    }

    [Fact]
    public async Task A_condition_is_waited_for_without_its_lock()
    {
        const int Turns = 500;
        await using WorkerPool pool = Pool(1);
        using var guard = new SharedLock(isReentrant: true);
        using var changed = new SharedCondition();
        using var turn = new SharedValue<int>();
        Task other = pool.RunAsync(() => TakeTurns(guard, changed, turn, 1, Turns), Token);
        await Task.Run(() => TakeTurns(guard, changed, turn, 0, Turns), Token);
        await other;
        Assert.Equal(2 * Turns, turn.Read());
        Assert.Throws<SynchronizationLockException>(() => changed.Wait(guard, TimeSpan.Zero, Token));
        Assert.Throws<ArgumentNullException>(() => changed.Wait(null!, TimeSpan.Zero, Token));
        using (guard.Enter(Token))
        {
            Assert.False(changed.Wait(guard, TimeSpan.FromMilliseconds(5), Token));
            Assert.False(changed.WaitUntil(guard, static () => false, TimeSpan.FromMilliseconds(5), Token));
            Assert.True(guard.IsHeldByCurrentThread);
            changed.NotifyAll();
        }
    }

    [Fact]
    public async Task All_meet_at_a_barrier_again_and_again()
    {
        const int Phases = 300;
        await using WorkerPool pool = Pool(2);
        using var barrier = new SharedBarrier(3);
        using var count = new SharedValue<int>();
        Task<int>[] others = [.. Enumerable.Range(0, 2).Select(_ => pool.RunAsync(() => Meet(barrier, count, Phases), Token))];
        Assert.Equal(0, Meet(barrier, count, Phases));
        Assert.All(await Task.WhenAll(others), static wrong => Assert.Equal(0, wrong));
        Assert.Equal(2 * Phases, barrier.Phase);
        Assert.False(barrier.SignalAndWait(TimeSpan.FromMilliseconds(5), Token));
        // Who gave up has not come: it takes three others, not two.
        others = [.. Enumerable.Range(0, 2).Select(_ => pool.RunAsync(() => barrier.SignalAndWait(Bound) ? 0 : 1, Token))];
        Assert.True(barrier.SignalAndWait(Bound, Token));
        Assert.All(await Task.WhenAll(others), static wrong => Assert.Equal(0, wrong));
    }

    [Fact]
    public async Task A_countdown_ends_with_its_last_signal()
    {
        await using WorkerPool pool = Pool(2);
        using var countdown = new SharedCountdown(2);
        Assert.False(countdown.Wait(TimeSpan.Zero, Token));
        Task<bool> waiting = Task.Run(() => countdown.Wait(Bound, Token), Token);
        await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => pool.RunAsync(() => countdown.Signal(), Token)));
        Assert.True(await waiting);
        Assert.Equal(0, countdown.CurrentCount);
        Assert.Throws<InvalidOperationException>(() => countdown.Signal());
    }

    [Fact]
    public async Task Who_waits_for_what_is_disposed_of_is_told()
    {
        await using WorkerPool pool = Pool(1);
        var never = new SharedEvent();
        using var waits = new SharedEvent();
        Task waiting = pool.RunAsync(() =>
        {
            waits.Set();
            try
            {
                never.Wait(Bound);
                throw new InvalidOperationException("It was set.");
            }
            catch (ObjectDisposedException)
            {
                // As it should be.
            }
        }, Token);
        Assert.True(waits.Wait(Bound, Token));
        never.Dispose();
        await waiting;
        Assert.Throws<ObjectDisposedException>(() => never.Wait(TimeSpan.Zero, Token));
        Assert.Throws<ObjectDisposedException>(never.Set);
    }

    [Fact]
    public async Task An_object_comes_back_as_a_result()
    {
        await using WorkerPool pool = Pool(1);
        using var value = new SharedValue<long>(4);
        using SharedValue<long> back = await pool.RunAsync(static value =>
        {
            value.Add(1);
            return value;
        }, value, Token);
        back.Add(1);
        Assert.Equal(6, value.Read());
        Assert.Null(await pool.RunAsync(static (SharedLock? none) => none, (SharedLock?)null, Token));
    }

    private static void AddUnder(SharedLock guard, SharedArray<int> count)
    {
        for (int i = 0; i < Rounds; i++)
        {
            using (guard.Enter())
                count[0]++;
        }
    }

    private static void Pass(SharedSemaphore permits, SharedValue<int> inside, SharedValue<int> most)
    {
        for (int i = 0; i < Rounds / 20; i++)
        {
            permits.Wait(Bound);
            int now = inside.Add(1);
            most.Update(before => Math.Max(before, now));
            inside.Add(-1);
            permits.Release();
        }
    }

    private static void TakeTurns(SharedLock guard, SharedCondition changed, SharedValue<int> turn, int mine, int turns)
    {
        for (int i = 0; i < turns; i++)
        {
            using (guard.Enter())
            using (guard.Enter())
            {
                if (!changed.WaitUntil(guard, () => turn.Read() % 2 == mine, Bound))
                    throw new TimeoutException();
                turn.Add(1);
                changed.Notify();
            }
        }
    }

    private static int Meet(SharedBarrier barrier, SharedValue<int> count, int phases)
    {
        int wrong = 0;
        for (int i = 1; i <= phases; i++)
        {
            count.Add(1);
            barrier.SignalAndWait(Bound);
            wrong += count.Read() == 3 * i ? 0 : 1;
            barrier.SignalAndWait(Bound);
        }
        return wrong;
    }

    /// <summary>As large as a value can be.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private record struct Wide(long A, long B, long C, long D, long E, long F, long G, long H)
    {
        public readonly bool IsWhole => this == Of(A);

        public static Wide Of(long n) => new(n, n, n, n, n, n, n, n);
    }
}

public sealed class SharedStateOfThreadsTests : SharedStateContract
{
    protected override WorkerPool Pool(int workers) => WorkerPool.Threads(workers);
}

public sealed class SharedStateOfProcessesTests : SharedStateContract
{
    protected override WorkerPool Pool(int workers) => WorkerPool.Processes(workers);
}
