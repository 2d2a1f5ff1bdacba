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
