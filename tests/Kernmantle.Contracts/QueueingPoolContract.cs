using Kernmantle.Contracts.Repeating;
using Kernmantle.Functions;
using Microsoft.Extensions.Time.Testing;

namespace Kernmantle.Contracts;

/// <summary>What a pool promises beside, in which calls wait for a worker: every kind but the caller's own place, which has as many workers as callers.</summary>
public abstract class QueueingPoolContract : WorkerPoolContract
{
    [Fact]
    public async Task A_call_that_has_not_begun_is_cancelled_at_once()
    {
        await using WorkerPool pool = Create(1);
        using FileGate gate = new(), reached = new();
        Task blocker = pool.RunAsync(FileGate.ReachAsync, reached.Path, gate.Path);
        await Reached(reached);
        using var cancel = new CancellationTokenSource();
        Task<int> waiting = pool.RunAsync(static () => 1, cancel.Token);
        await cancel.CancelAsync();
        var cancelled = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting.WaitAsync(Deadline));
        Assert.Equal(cancel.Token, cancelled.CancellationToken);
        Assert.False(blocker.IsCompleted);
        gate.Open();
        await blocker.WaitAsync(Deadline);
    }

    [Fact]
    public async Task A_timeout_does_not_count_while_the_call_waits_for_a_worker()
    {
        var clock = new FakeTimeProvider();
        await using WorkerPool pool = Create(1, new() { TimeProvider = clock });
        using FileGate gate = new(), reached = new();
        Task blocker = pool.RunAsync(FileGate.ReachAsync, reached.Path, gate.Path);
        await Reached(reached);
        Task<int> waiting = pool.With(new() { Timeout = TimeSpan.FromMinutes(1) }).RunAsync(static () => 1);
        clock.Advance(TimeSpan.FromHours(1));
        gate.Open();
        await blocker.WaitAsync(Deadline);
        Assert.Equal(1, await waiting.WaitAsync(Deadline));
    }

    [Fact]
    public async Task A_full_queue_refuses_where_it_was_told_to()
    {
        await using WorkerPool pool = Create(1, new() { QueueCapacity = 1, QueueFull = QueueFullMode.Fail });
        using FileGate gate = new(), reached = new();
        Task blocker = pool.RunAsync(FileGate.ReachAsync, reached.Path, gate.Path);
        await Reached(reached);
        Task<int> waiting = pool.RunAsync(static () => 1);
        QueueFullException full = await Assert.ThrowsAsync<QueueFullException>(() => pool.RunAsync(static () => 2));
        Assert.Equal(1, full.Capacity);
        gate.Open();
        await blocker.WaitAsync(Deadline);
        Assert.Equal(1, await waiting.WaitAsync(Deadline));
    }

    [Theory]
    [InlineData(QueueFullMode.Wait)]
    [InlineData(QueueFullMode.Fail)]
    public async Task A_call_that_is_to_fail_when_the_queue_is_full_runs_where_there_is_room_and_fails_at_once_where_there_is_none(QueueFullMode mode)
    {
        await using WorkerPool pool = Create(1, new() { QueueCapacity = 1, QueueFull = mode });
        Assert.True(pool.WaitForRoomAsync().IsCompletedSuccessfully);
        using FileGate gate = new(), reached = new();
        Task blocker = pool.RunAsync(FileGate.ReachAsync, reached.Path, gate.Path);
        await Reached(reached);
        Task<int> queued = TryRun(pool, static n => n + 1, 1);
        Assert.Equal("full", (await Assert.ThrowsAsync<QueueFullException>(() => TryRun(pool, static n => n + 1, 2, new() { Name = "full" }))).CallName);
        await Assert.ThrowsAsync<QueueFullException>(() => TryRun(pool, static n => n + 1, 3, new() { Key = 1 }));
        Assert.Equal((1, 0, 2), (pool.Statistics.Queued, pool.Statistics.Waiting, (int)pool.Statistics.Failed));
        Task room = pool.WaitForRoomAsync();
        Assert.False(room.IsCompleted);
        gate.Open();
        await room.WaitAsync(Deadline);
        Assert.Equal(2, await queued.WaitAsync(Deadline));
        await blocker.WaitAsync(Deadline);
        await pool.WaitForRoomAsync().WaitAsync(Deadline);
        Assert.Equal(5, await TryRun(pool, static n => n + 1, 4).WaitAsync(Deadline));
        Assert.Equal((3, 2, 0), ((int)pool.Statistics.Completed, (int)pool.Statistics.Failed, (int)pool.Statistics.Cancelled));
    }

    [Fact]
    public async Task Who_waits_for_room_comes_after_the_calls_that_do_and_may_give_up()
    {
        await using WorkerPool pool = Create(1, new() { QueueCapacity = 1 });
        using FileGate gate = new(), reached = new();
        Task blocker = pool.RunAsync(FileGate.ReachAsync, reached.Path, gate.Path);
        await Reached(reached);
        using var cancel = new CancellationTokenSource();
        Task<int> queued = pool.RunAsync(static () => 1), waiting = pool.RunAsync(static () => 2, cancel.Token);
        using var givesUp = new CancellationTokenSource();
        Task given = pool.WaitForRoomAsync(givesUp.Token), room = pool.WaitForRoomAsync();
        await givesUp.CancelAsync();
        Assert.Equal(givesUp.Token, (await Assert.ThrowsAnyAsync<OperationCanceledException>(() => given.WaitAsync(Deadline))).CancellationToken);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting.WaitAsync(Deadline));
        Assert.False(room.IsCompleted);   // one place, and one call in it
        gate.Open();
        await room.WaitAsync(Deadline);
        await Task.WhenAll(blocker, queued).WaitAsync(Deadline);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pool.WaitForRoomAsync(givesUp.Token));
    }

    [Fact]
    public async Task Nobody_waits_for_room_in_a_pool_that_ends()
    {
        WorkerPool pool = Create(1, new() { QueueCapacity = 1 });
        using FileGate gate = new(), reached = new();
        Task blocker = pool.RunAsync(FileGate.ReachAsync, reached.Path, gate.Path);
        await Reached(reached);
        Task<int> queued = pool.RunAsync(static () => 1);
        Task room = pool.WaitForRoomAsync();
        Task end = pool.DisposeAsync().AsTask();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => room.WaitAsync(Deadline));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => pool.WaitForRoomAsync().WaitAsync(Deadline));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => TryRun(pool, static n => n, 1));   // it drains, and its queue is full
        gate.Open();
        await Task.WhenAll(blocker, queued, end).WaitAsync(Deadline);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => TryRun(pool, static n => n, 1).WaitAsync(Deadline));
    }

    [Fact]
    public async Task A_call_that_cannot_be_made_takes_no_place()
    {
        await using WorkerPool pool = Create(1, new() { QueueCapacity = 1 });
        using FileGate gate = new(), reached = new();
        Task blocker = pool.RunAsync(FileGate.ReachAsync, reached.Path, gate.Path);
        await Reached(reached);
        await Assert.ThrowsAsync<FormatException>(() => TryRun(pool, static n => n, 1, new() { Key = new NoKey() }));
        Task<int> cancelled = TryRun(pool, static n => n, 1, token: new CancellationToken(canceled: true));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        Task<int> queued = TryRun(pool, static n => n, 7);
        gate.Open();
        Assert.Equal(7, await queued.WaitAsync(Deadline));
        await blocker.WaitAsync(Deadline);
    }

    [Fact]
    [Repeated]
    public async Task Many_who_try_and_wait_for_room_all_get_their_turn_and_never_more_than_there_is_room_for()
    {
        await using WorkerPool pool = Create(2, new() { QueueCapacity = 3 });
        int each = Repetitions.Of(quick: 100, atLength: 300);
        int[][] results = await Task.WhenAll(Enumerable.Range(0, 8).Select(who => Task.Run(async () =>
        {
            var mine = new int[each];
            for (int i = 0; i < each; i++)
            {
                for (bool done = false; !done;)
                {
                    try
                    {
                        mine[i] = await TryRun(pool, static n => n + 1, i, i % 5 == who ? new() { Key = who } : null).WaitAsync(Deadline);
                        done = true;
                    }
                    catch (QueueFullException)
                    {
                        await pool.WaitForRoomAsync().WaitAsync(Deadline);
                    }
                    Assert.Equal(0, pool.Statistics.Waiting);
                }
            }
            return mine;
        })));
        foreach (int[] mine in results)
            Assert.Equal(Enumerable.Range(1, each), mine);
    }

    /// <summary>Makes the call only if there is room for it at once.</summary>
    private protected static Task<int> TryRun(WorkerPool pool, Func<int, int> function, int argument, CallOptions? options = null, CancellationToken token = default) =>
        pool.With(new() { QueueFull = QueueFullMode.Fail }).With(options ?? WorkerPool.NoOptions).RunAsync(function, argument, token);

    [Fact]
    public async Task A_call_may_wait_in_a_pool_whose_calls_fail_when_the_queue_is_full()
    {
        await using WorkerPool pool = Create(1, new() { QueueCapacity = 1, QueueFull = QueueFullMode.Fail });
        using FileGate gate = new(), reached = new();
        Task blocker = pool.RunAsync(FileGate.ReachAsync, reached.Path, gate.Path);
        await Reached(reached);
        Task<int> queued = pool.RunAsync(static () => 1);
        CallInvoker patient = pool.With(new() { QueueFull = QueueFullMode.Wait });
        Task<int>[] waiting = [.. Enumerable.Range(2, 5).Select(i => patient.RunAsync(static n => n, i))];
        await Assert.ThrowsAsync<QueueFullException>(() => pool.RunAsync(static () => 9).WaitAsync(Deadline));
        Assert.Equal(5, pool.Statistics.Waiting);
        gate.Open();
        await blocker.WaitAsync(Deadline);
        Assert.Equal((int[])[1, 2, 3, 4, 5, 6], await Task.WhenAll([queued, .. waiting]).WaitAsync(Deadline));
    }

    private sealed class NoKey
    {
        public override int GetHashCode() => throw new FormatException("no key");
    }

    [Fact]
    public async Task What_the_caller_changes_after_the_call_was_made_is_not_seen_where_calls_are_copied()
    {
        await using WorkerPool pool = Create(1);
        using var gate = new FileGate();
        Task blocker = pool.RunAsync(FileGate.PassAsync, gate.Path);
        List<int> list = [1];
        Task<int> sum = pool.RunAsync(static l => l.Sum(), list);
        list[0] = 100;
        gate.Open();
        await blocker.WaitAsync(Deadline);
        Assert.Equal(Copies ? 1 : 100, await sum);
    }

    [Fact]
    public async Task An_immediate_end_ends_the_calls_that_wait()
    {
        WorkerPool pool = Create(1);
        using FileGate gate = new(), reached = new();
        Task running = pool.RunAsync(static (r, g) => FileGate.ReachAsync(r, g, CancellationToken.None), reached.Path, gate.Path);
        await Reached(reached);
        Task<int>[] waiting = [.. Enumerable.Range(0, 20).Select(i => pool.RunAsync(static n => n, i))];
        await pool.KillAsync().WaitAsync(Deadline);
        foreach (Task<int> call in waiting)
            await Assert.ThrowsAsync<ObjectDisposedException>(() => call);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => running);
        gate.Open();
    }
}
