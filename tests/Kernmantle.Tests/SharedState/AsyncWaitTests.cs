using System.Diagnostics;
using Kernmantle.SharedState;
using Microsoft.Extensions.Time.Testing;

namespace Kernmantle.Tests.SharedState;

/// <summary>Shared objects that are waited for without a thread, beside threads that wait for the same, here and in workers.</summary>
public sealed class AsyncWaitTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(2);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static WorkerPool Pool(bool processes, int workers) => processes ? WorkerPool.Processes(workers) : WorkerPool.Threads(workers);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_permit_that_is_given_back_is_got_by_one_that_waits(bool processes)
    {
        await using WorkerPool pool = Pool(processes, 1);
        using var permits = new SharedSemaphore(0, 10);
        Task<bool>[] here = [.. Enumerable.Range(0, 4).Select(_ => permits.WaitAsync(Bound, Token))];
        Task<int> there = pool.RunAsync(
            static async permits =>
            {
                Task<bool>[] waiting = [.. Enumerable.Range(0, 3).Select(_ => permits.WaitAsync(Bound))];
                return (await Task.WhenAll(waiting)).Count(static got => got);
            },
            permits,
            Token);
        for (int i = 1; i <= 4; i++)
        {
            permits.Release();
            Assert.True(SpinWait.SpinUntil(() => permits.CurrentCount == 0, Bound));
        }
        permits.Release(3);
        Assert.All(await Task.WhenAll(here), Assert.True);
        Assert.Equal(3, await there);
        Assert.Equal(0, permits.CurrentCount);
        Assert.False(await permits.WaitAsync(TimeSpan.Zero, Token));
        permits.Release();
        Assert.True(permits.WaitAsync(cancellationToken: Token).IsCompletedSuccessfully);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_event_lets_all_go_or_one(bool processes)
    {
        await using WorkerPool pool = Pool(processes, 1);
        using SharedEvent all = new(), one = new(mode: EventResetMode.AutoReset);
        Task<bool>[] here = [.. Enumerable.Range(0, 50).Select(_ => all.WaitAsync(Bound, Token))];
        Task<bool> there = pool.RunAsync(static all => all.WaitAsync(), all, Token);
        Assert.DoesNotContain(here, static wait => wait.IsCompleted);
        all.Set();
        Assert.All(await Task.WhenAll([.. here, there]).WaitAsync(Bound, Token), Assert.True);
        Task<bool> first = one.WaitAsync(Bound, Token), second = one.WaitAsync(Bound, Token);
        await pool.RunAsync(static one => one.Set(), one, Token);
        Assert.True(await first.WaitAsync(Bound, Token));   // they are served in the order in which they came
        Assert.False(second.IsCompleted);
        one.Set();
        Assert.True(await second.WaitAsync(Bound, Token));
        Assert.False(one.IsSet);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task All_meet_at_a_barrier_whether_a_thread_waits_or_not(bool processes)
    {
        const int Phases = 200;
        await using WorkerPool pool = Pool(processes, 2);
        using var barrier = new SharedBarrier(4);
        Task[] others =
        [
            pool.RunAsync(
                static barrier =>
                {
                    for (int i = 0; i < Phases; i++)
                        barrier.SignalAndWait(Bound);
                },
                barrier,
                Token),
            pool.RunAsync(MeetAsync, barrier, Token),
            Task.Run(() => MeetAsync(barrier), Token),
        ];
        await MeetAsync(barrier).WaitAsync(Bound, Token);
        await Task.WhenAll(others).WaitAsync(Bound, Token);
        Assert.Equal(Phases, barrier.Phase);
        // Who gave up has not come.
        Assert.False(await barrier.SignalAndWaitAsync(TimeSpan.FromMilliseconds(5), Token));
        using var over = new CancellationTokenSource();
        Task<bool> alone = barrier.SignalAndWaitAsync(cancellationToken: over.Token);
        await over.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => alone);
        Task<bool>[] three = [.. Enumerable.Range(0, 3).Select(_ => barrier.SignalAndWaitAsync(Bound, Token))];
        Assert.DoesNotContain(three, static wait => wait.IsCompleted);
        Assert.True(await barrier.SignalAndWaitAsync(Bound, Token));
        Assert.All(await Task.WhenAll(three).WaitAsync(Bound, Token), Assert.True);

        static async Task MeetAsync(SharedBarrier barrier)
        {
            for (int i = 0; i < Phases; i++)
                await barrier.SignalAndWaitAsync(Bound);
        }
    }

    [Fact]
    public async Task A_countdown_ends_with_its_last_signal()
    {
        using var countdown = new SharedCountdown(2);
        Task<bool> waiting = countdown.WaitAsync(TimeSpan.MaxValue, Token);
        countdown.Signal();
        Assert.False(waiting.IsCompleted);
        countdown.Signal();
        Assert.True(await waiting.WaitAsync(Bound, Token));
        Assert.True(await countdown.WaitAsync(TimeSpan.Zero, Token));
    }

    [Fact]
    public async Task Who_gives_up_takes_nothing()
    {
        using var permits = new SharedSemaphore(0, 1);
        using var over = new CancellationTokenSource();
        Task<bool> cancelled = permits.WaitAsync(cancellationToken: over.Token), late = permits.WaitAsync(TimeSpan.FromMilliseconds(20), Token);
        await over.CancelAsync();
        Assert.Equal(over.Token, (await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled.WaitAsync(Bound, Token))).CancellationToken);
        Assert.False(await late.WaitAsync(Bound, Token));
        permits.Release();
        Assert.Equal(1, permits.CurrentCount);
        Assert.True(permits.WaitAsync(cancellationToken: over.Token).IsCompletedSuccessfully);   // what is there is taken, as by a thread
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => permits.WaitAsync(cancellationToken: over.Token));
        Assert.Throws<ArgumentOutOfRangeException>(() => { _ = permits.WaitAsync(TimeSpan.FromSeconds(-2), Token); });
        Assert.Equal(0, permits.Memory.Words.Sleepers);
    }

    [Fact]
    public async Task The_time_is_that_of_a_clock()
    {
        var clock = new FakeTimeProvider();
        using var never = new SharedEvent();
        Task<bool> wait = StateWaits.ForAsync(never.Memory, default(NeverLook), TimeSpan.FromHours(1), Token, clock);
        clock.Advance(TimeSpan.FromMinutes(59));
        Assert.False(wait.IsCompleted);
        clock.Advance(TimeSpan.FromMinutes(2));
        Assert.False(await wait.WaitAsync(Bound, Token));
    }

    [Fact]
    public async Task Who_waits_for_what_is_disposed_of_is_told()
    {
        await using WorkerPool pool = WorkerPool.Processes(1);
        var never = new SharedEvent();
        using var waits = new SharedEvent();
        Task<bool> here = never.WaitAsync(cancellationToken: Token);
        Task there = pool.RunAsync(
            async () =>
            {
                Task<bool> wait = never.WaitAsync();
                waits.Set();
                await Assert.ThrowsAsync<ObjectDisposedException>(() => wait);
            },
            Token);
        Assert.True(await waits.WaitAsync(Bound, Token));
        never.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => here.WaitAsync(Bound, Token));
        await there.WaitAsync(Bound, Token);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => never.WaitAsync(cancellationToken: Token));
    }

    [Fact]
    public async Task A_death_is_told_as_it_is_to_a_thread()
    {
        await using WorkerPool pool = WorkerPool.Processes(1);
        using var permits = new SharedSemaphore(1);
        using var barrier = new SharedBarrier(2);
        using var countdown = new SharedCountdown(1);
        using SharedEvent taken = new(), die = new();
        Task dying = pool.RunAsync(
            async () =>
            {
                _ = barrier.Participants + countdown.CurrentCount;
                await permits.WaitAsync();
                _ = permits.WaitAsync();   // its seat goes with it
                taken.Set();
                await die.WaitAsync();
                Process.GetCurrentProcess().Kill();
            },
            Token);
        Assert.True(await taken.WaitAsync(Bound, Token));
        Task<bool> permit = permits.WaitAsync(cancellationToken: Token), counted = countdown.WaitAsync(cancellationToken: Token), met = barrier.SignalAndWaitAsync(cancellationToken: Token);
        Assert.False(permit.IsCompleted || counted.IsCompleted || met.IsCompleted);
        die.Set();
        await Assert.ThrowsAsync<WorkerCrashedException>(() => dying);
        Assert.True(await permit.WaitAsync(Bound, Token));
        await Assert.ThrowsAsync<ParticipantLostException>(() => counted.WaitAsync(Bound, Token));
        await Assert.ThrowsAsync<ParticipantLostException>(() => met.WaitAsync(Bound, Token));
        Assert.Equal(0, permits.Memory.Words.Sleepers);
    }

    [Fact]
    public async Task A_thousand_that_wait_are_one_thread()
    {
        using var signal = new SharedEvent();
        Task<bool>[] waiting = [.. Enumerable.Range(0, 1000).Select(_ => signal.WaitAsync(cancellationToken: Token))];
        Assert.InRange(Directory.EnumerateDirectories("/proc/self/task").Count(static thread => NameOf(thread) == "Kernmantle wait"), 1, 50);   // other tests have some
        signal.Set();
        Assert.All(await Task.WhenAll(waiting).WaitAsync(Bound, Token), Assert.True);

        static string NameOf(string thread)
        {
            try
            {
                return File.ReadAllText(Path.Combine(thread, "comm")).TrimEnd();
            }
            catch (IOException)
            {
                return "";   // it has ended meanwhile
            }
        }
    }

    /// <summary>Threads and tasks, here and in workers, take permits and give them back, and many give up at any moment.</summary>
    [Fact]
    [Repeated]
    public async Task Among_those_that_give_up_no_permit_is_lost_and_nobody_is_left_beside_one()
    {
        int rounds = Repetitions.Of(quick: 2000, atLength: 100_000);
        await using WorkerPool pool = WorkerPool.Processes(2);
        using var permits = new SharedSemaphore(2);
        int seed = Fuzzing.Seed;
        Task[] all =
        [
            pool.RunAsync(static (permits, rounds) => UseAsync(permits, rounds, 1), permits, rounds, Token),
            pool.RunAsync(static (permits, rounds) => UseByThread(permits, rounds), permits, rounds, Token),
            .. Enumerable.Range(0, 3).Select(i => Task.Run(() => UseAsync(permits, rounds, seed + i), Token)),
            Task.Run(() => UseByThread(permits, rounds), Token),
        ];
        await Task.WhenAll(all).WaitAsync(Bound * 4, Token);
        Assert.True(2 == permits.CurrentCount, $"{permits.CurrentCount} of 2 permits are left: KERNMANTLE_FUZZ_SEED={seed}");
        Assert.Equal(0, permits.Memory.Words.Sleepers & long.MaxValue);
    }

    private static async Task UseAsync(SharedSemaphore permits, int rounds, int seed)
    {
        var random = new Random(seed);
        for (int i = 0; i < rounds; i++)
        {
            using var over = new CancellationTokenSource();
            Task<bool> wait = permits.WaitAsync(random.Next(3) == 0 ? TimeSpan.FromMilliseconds(1) : Bound, over.Token);
            if (random.Next(3) == 0)
            {
                Thread.SpinWait(random.Next(2000));
                await over.CancelAsync();
            }
            try
            {
                if (await wait)
                    permits.Release();
            }
            catch (OperationCanceledException) when (over.IsCancellationRequested)
            {
                // As was intended.
            }
        }
    }

    private static void UseByThread(SharedSemaphore permits, int rounds)
    {
        for (int i = 0; i < rounds; i++)
        {
            if (!permits.Wait(Bound))
                throw new TimeoutException("A permit is lost.");
            permits.Release();
        }
    }

    private readonly struct NeverLook : ILook
    {
        public bool TryTake(StateMemory memory) => false;
    }
}
