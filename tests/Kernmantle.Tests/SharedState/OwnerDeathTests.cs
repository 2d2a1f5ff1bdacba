using System.Diagnostics;

namespace Kernmantle.Tests.SharedState;

/// <summary>What those who are left find when a worker has died in the midst.</summary>
public sealed class OwnerDeathTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(2);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static WorkerPool Pool(int workers = 1) => WorkerPool.Processes(workers, new() { RestartLimit = 1000 });

    [Fact]
    public async Task The_next_owner_of_a_lock_is_told_until_somebody_says_that_all_is_well()
    {
        await using WorkerPool pool = Pool();
        using var guard = new SharedLock(isReentrant: true);
        using var waits = new SharedEvent();
        Task<LockTaken> waiting = Task.Run(() =>
        {
            waits.Wait(Bound, Token);
            LockTaken taken = guard.TryEnter(Bound, Token);
            guard.Exit();
            return taken;
        }, Token);
        await Assert.ThrowsAsync<WorkerCrashedException>(() => pool.RunAsync(() =>
        {
            guard.Enter();
            guard.Enter();
            waits.Set();
            Die();
        }, Token));
        Assert.Equal(LockTaken.Abandoned, await waiting);
        Assert.False(guard.IsConsistent);
        Assert.Throws<AbandonedLockException>(() => guard.Enter(Token));
        Assert.False(guard.IsHeldByCurrentThread);
        // The next worker is told as well, and mends it.
        Assert.Equal(LockTaken.Abandoned, await pool.RunAsync(static guard =>
        {
            LockTaken taken = guard.TryEnter(Bound);
            guard.MarkConsistent();
            guard.Exit();
            return taken;
        }, guard, Token));
        using (guard.Enter(Token))
            Assert.True(guard.IsConsistent);
        Assert.Throws<SynchronizationLockException>(guard.MarkConsistent);
    }

    [Fact]
    public async Task A_reader_that_dies_has_never_been_and_a_writer_is_told_of()
    {
        await using WorkerPool pool = Pool();
        using var guard = new SharedReaderWriterLock();
        await Assert.ThrowsAsync<WorkerCrashedException>(() => pool.RunAsync(() =>
        {
            guard.EnterRead();
            Die();
        }, Token));
        Assert.Equal(LockTaken.Yes, guard.TryEnterWrite(Bound, Token));
        guard.ExitWrite();
        await Assert.ThrowsAsync<WorkerCrashedException>(() => pool.RunAsync(() =>
        {
            guard.EnterWrite();
            Die();
        }, Token));
        Assert.Equal(LockTaken.Abandoned, guard.TryEnterRead(Bound, Token));
        guard.ExitRead();
        Assert.Throws<AbandonedLockException>(() => guard.EnterRead(Token));
        Assert.Throws<AbandonedLockException>(() => guard.EnterWrite(Token));
        Assert.Equal(LockTaken.Abandoned, guard.TryEnterWrite(Bound, Token));
        guard.MarkConsistent();
        guard.ExitWrite();
        using (guard.EnterRead(Token))
            Assert.True(guard.IsConsistent);
    }

    [Fact]
    public async Task Permits_of_the_dead_come_back()
    {
        await using WorkerPool pool = Pool();
        using var permits = new SharedSemaphore(3);
        await Assert.ThrowsAsync<WorkerCrashedException>(() => pool.RunAsync(() =>
        {
            permits.Wait(Bound);
            permits.Wait(Bound);
            Die();
        }, Token));
        for (int i = 0; i < 3; i++)
            Assert.True(permits.Wait(Bound, Token));
    }

    [Fact]
    public async Task Nobody_waits_for_one_that_left_its_process_of_its_own_accord()
    {
        await using WorkerPool pool = Pool();
        using var barrier = new SharedBarrier(2);
        await Assert.ThrowsAsync<WorkerCrashedException>(() => pool.RunAsync(static _ => Environment.Exit(0), barrier, Token));
        Assert.Throws<ParticipantLostException>(() => barrier.SignalAndWait(Bound, Token));
    }

    [Fact]
    public async Task Nobody_waits_at_a_barrier_or_a_countdown_for_one_that_died()
    {
        await using WorkerPool pool = Pool();
        using var barrier = new SharedBarrier(2);
        using var countdown = new SharedCountdown(1);
        int worker = await pool.RunAsync(() =>
        {
            _ = barrier.Phase;
            _ = countdown.CurrentCount;
            return WorkerContext.Current!.Id;
        }, Token);
        Task meeting = Task.Run(() => barrier.SignalAndWait(Bound, Token), Token);
        Task counting = Task.Run(() => countdown.Wait(Bound, Token), Token);
        await Assert.ThrowsAsync<WorkerCrashedException>(() => pool.RunAsync(Die, Token));
        ParticipantLostException lost = await Assert.ThrowsAsync<ParticipantLostException>(() => meeting);
        Assert.Equal(worker, lost.WorkerId);
        await Assert.ThrowsAsync<ParticipantLostException>(() => counting);
        Assert.Equal(worker, barrier.LostWorkerId);
        Assert.Throws<ParticipantLostException>(() => barrier.SignalAndWait(TimeSpan.Zero, Token));
        countdown.Signal();
        Assert.True(countdown.Wait(Bound, Token));   // all have come
    }

    [Fact]
    public async Task One_that_has_done_its_part_or_ends_in_order_is_no_loss()
    {
        using var left = new SharedBarrier(2);
        using var stopped = new SharedBarrier(2);
        await using (WorkerPool pool = Pool())
        {
            await pool.RunAsync(static left => left.Dispose(), left, Token);
            await Assert.ThrowsAsync<WorkerCrashedException>(() => pool.RunAsync(Die, Token));
            await pool.RunAsync(static stopped => stopped.Phase, stopped, Token);
        }
        Assert.False(left.SignalAndWait(TimeSpan.Zero, Token));
        Assert.Null(left.LostWorkerId);
        Assert.Null(stopped.LostWorkerId);
    }

    [Fact]
    public async Task A_worker_that_is_stopped_is_not_dead()
    {
        await using WorkerPool pool = Pool();
        using var guard = new SharedLock();
        using var held = new SharedEvent();
        using var go = new SharedEvent();
        int process = await pool.RunAsync(static () => Environment.ProcessId, Token);
        Task<int> holding = pool.RunAsync(() =>
        {
            using (guard.Enter())
            {
                held.Set();
                go.Wait(Bound);
                return Environment.ProcessId;
            }
        }, Token);
        held.Wait(Bound, Token);
        Signal(process, "STOP");
        go.Set();
        Assert.Equal(LockTaken.No, guard.TryEnter(TimeSpan.FromMilliseconds(300), Token));
        Signal(process, "CONT");
        Assert.Equal(process, await holding);
        Assert.Equal(LockTaken.Yes, guard.TryEnter(Bound, Token));
        guard.Exit();
    }

    private static void Signal(int process, string signal)
    {
        using Process kill = Process.Start("kill", [$"-{signal}", process.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
        Assert.Equal(0, kill.ExitCode);
    }

    private static void Die() => Process.GetCurrentProcess().Kill();
}
