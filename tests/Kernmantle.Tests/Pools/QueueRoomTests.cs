using Kernmantle.Functions;
using Kernmantle.Scheduling;
using Kernmantle.Scheduling.Calls;

namespace Kernmantle.Tests.Pools;

/// <summary>A full queue makes calls wait: in order, without their values, and not without end.</summary>
public sealed class QueueRoomTests : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(120);

    private readonly string gate = Path.Combine(Path.GetTempPath(), $"kernmantle-room-{Guid.NewGuid():N}");

    private static int next;

    public void Dispose() => File.Delete(gate);

    private static WorkerPool Create(string kind, int capacity, int maxWaiting = 1_000_000, int workers = 1) => kind switch
    {
        "threads" => WorkerPool.Threads(workers, new() { QueueCapacity = capacity, MaxWaiting = maxWaiting }),
        "sockets" => WorkerPool.Processes(workers, new() { QueueCapacity = capacity, MaxWaiting = maxWaiting, Transport = WorkerTransport.Socket }),
        _ => WorkerPool.Processes(workers, new() { QueueCapacity = capacity, MaxWaiting = maxWaiting, Transport = WorkerTransport.SharedMemory }),
    };

    [Theory]
    [InlineData("threads")]
    [InlineData("sockets")]
    [InlineData("shared memory")]
    public async Task However_many_calls_are_made_the_queue_holds_no_more_than_its_capacity_and_they_run_in_order(string kind)
    {
        await using WorkerPool pool = Create(kind, 10);
        await pool.RunAsync(static () => next = 0).WaitAsync(Deadline);
        Task<int>[] calls = new Task<int>[5000];
        for (int i = 0; i < calls.Length; i++)
        {
            calls[i] = pool.RunAsync(static () => next++);
            PoolStatistics now = pool.Statistics;
            Assert.True(pool.Scheduler.FindViolation() is null, pool.Scheduler.FindViolation());
            Assert.True(now.Queued - now.Waiting <= 10 + (kind == "shared memory" ? CallDuration.MaxDepth : 0), $"{now}");
        }
        Assert.Equal(Enumerable.Range(0, calls.Length), await Task.WhenAll(calls).WaitAsync(Deadline));
        Assert.Equal((0, 0), (pool.Statistics.Queued, pool.Statistics.Waiting));
    }

    [Theory]
    [InlineData("threads")]
    [InlineData("sockets")]
    [InlineData("shared memory")]
    public async Task A_waiting_call_reads_its_values_when_it_is_admitted(string kind)
    {
        await using WorkerPool pool = Create(kind, 1);
        Task<int> running = await HoldAsync(pool);
        var first = new Box { Value = 1 };
        var second = new Box { Value = 1 };
        Task<int> queued = pool.RunAsync(static box => box.Value, first);
        Task<int> waiting = pool.RunAsync(static box => box.Value, second);
        Assert.Equal((2, 1), (pool.Statistics.Queued, pool.Statistics.Waiting));
        first.Value = second.Value = 2;
        await File.WriteAllTextAsync(gate, "");
        Assert.Equal((1, kind == "threads" ? 2 : 1, 2), (await running.WaitAsync(Deadline), await queued.WaitAsync(Deadline), await waiting.WaitAsync(Deadline)));
    }

    [Theory]
    [InlineData("threads")]
    [InlineData("shared memory")]
    public async Task A_call_that_is_cancelled_while_it_waits_leaves_the_line_and_the_others_go_on(string kind)
    {
        await using WorkerPool pool = Create(kind, 1);
        Task<int> running = await HoldAsync(pool);
        using var cancel = new CancellationTokenSource();
        Task<int> queued = pool.RunAsync(static () => 2);
        Task<int> cancelled = pool.RunAsync(static () => 3, cancel.Token);
        Task<int> waiting = pool.RunAsync(static () => 4);
        Assert.Equal(2, pool.Statistics.Waiting);
        await cancel.CancelAsync();
        TaskCanceledException failure = await Assert.ThrowsAsync<TaskCanceledException>(() => cancelled.WaitAsync(Deadline));
        Assert.Equal(cancel.Token, failure.CancellationToken);
        Assert.Equal((1, 1), (pool.Statistics.Waiting, (int)pool.Statistics.Cancelled));
        await File.WriteAllTextAsync(gate, "");
        Assert.Equal((int[])[1, 2, 4], await Task.WhenAll(running, queued, waiting).WaitAsync(Deadline));
    }

    [Theory]
    [InlineData("threads")]
    [InlineData("sockets")]
    [InlineData("shared memory")]
    public async Task An_object_whose_creation_is_cancelled_while_it_waits_leaves_the_line(string kind)
    {
        await using WorkerPool pool = Create(kind, 1);
        Task<int> running = await HoldAsync(pool);
        using var cancel = new CancellationTokenSource();
        Task<int> queued = pool.RunAsync(static () => 2);
        Task<Remote<Box>> cancelled = pool.CreateAsync(static () => new Box(), cancellationToken: cancel.Token);
        Assert.Equal(1, pool.Statistics.Waiting);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled.WaitAsync(Deadline));
        Assert.Equal(0, pool.Statistics.Waiting);
        await File.WriteAllTextAsync(gate, "");
        Assert.Equal((int[])[1, 2], await Task.WhenAll(running, queued).WaitAsync(Deadline));
    }

    [Theory]
    [InlineData("threads")]
    [InlineData("shared memory")]
    public async Task What_waits_is_finished_by_disposal_and_ended_by_a_kill(string kind)
    {
        WorkerPool drained = Create(kind, 1);
        Task<int> running = await HoldAsync(drained);
        Task<int>[] calls = [.. Enumerable.Range(0, 20).Select(i => drained.RunAsync(static n => n, i))];
        ValueTask disposal = drained.DisposeAsync();
        Assert.Equal(PoolState.Draining, drained.State);
        await File.WriteAllTextAsync(gate, "");
        Assert.Equal(Enumerable.Range(0, 20), await Task.WhenAll(calls).WaitAsync(Deadline));
        await disposal;
        Assert.Equal((1, PoolState.Disposed), (await running, drained.State));

        File.Delete(gate);
        WorkerPool killed = Create(kind, 1);
        running = await HoldAsync(killed);
        calls = [.. Enumerable.Range(0, 20).Select(i => killed.RunAsync(static n => n, i))];
        Task kill = killed.KillAsync();
        foreach (Task<int> call in calls)
            await Assert.ThrowsAsync<ObjectDisposedException>(() => call.WaitAsync(Deadline));
        await File.WriteAllTextAsync(gate, "");
        await kill.WaitAsync(Deadline);
        Assert.Equal((0, 0), (killed.Statistics.Queued, killed.Statistics.Waiting));
    }

    [Fact]
    public async Task More_than_may_wait_are_refused()
    {
        await using WorkerPool pool = Create("shared memory", 1, maxWaiting: 2);
        Task<int> running = await HoldAsync(pool);
        Task<int>[] calls = [.. Enumerable.Range(0, 3).Select(i => pool.RunAsync(static n => n, i))];
        QueueFullException full = await Assert.ThrowsAsync<QueueFullException>(() => pool.RunAsync(static () => 4).WaitAsync(Deadline));
        Assert.Contains("MaxWaiting", full.Message, StringComparison.Ordinal);
        await File.WriteAllTextAsync(gate, "");
        await running.WaitAsync(Deadline);
        Assert.Equal((int[])[0, 1, 2], await Task.WhenAll(calls).WaitAsync(Deadline));
    }

    [Fact]
    public async Task What_cannot_cross_is_said_at_once_and_does_not_wait()
    {
        await using WorkerPool pool = Create("shared memory", 1);
        Task<int> running = await HoldAsync(pool);
        Task<int> queued = pool.RunAsync(static () => 2);
        using var stream = new MemoryStream();
        Task<long> refused = pool.RunAsync(() => stream.Length);
        Assert.IsType<NotPortableException>(refused.Exception?.InnerException);
        Assert.Equal(0, pool.Statistics.Waiting);
        await File.WriteAllTextAsync(gate, "");
        Assert.Equal((int[])[1, 2], await Task.WhenAll(running, queued).WaitAsync(Deadline));
    }

    [Fact]
    public async Task A_value_that_cannot_be_read_fails_its_own_call_only()
    {
        await using WorkerPool pool = Create("shared memory", 1);
        Task<int> running = await HoldAsync(pool);
        Task<int> queued = pool.RunAsync(static () => 2);
        Task<int> fails = pool.RunAsync(static u => u.Number, new Unreadable());
        Task<int> waiting = pool.RunAsync(static () => 3);
        await File.WriteAllTextAsync(gate, "");
        await Assert.ThrowsAnyAsync<Exception>(() => fails.WaitAsync(Deadline));
        Assert.Equal((int[])[1, 2, 3], await Task.WhenAll(running, queued, waiting).WaitAsync(Deadline));
        Assert.Equal(1, pool.Statistics.Failed);
    }

    [Theory]
    [InlineData("threads")]
    [InlineData("shared memory")]
    public async Task Run_blocks_until_its_call_has_had_its_turn(string kind)
    {
        await using WorkerPool pool = Create(kind, 1);
        Task<int> running = await HoldAsync(pool);
        Task<int> queued = pool.RunAsync(static () => 2);
        Task<int> blocking = Task.Factory.StartNew(() => pool.Run(static n => n + 1, 41), TaskCreationOptions.LongRunning);
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (pool.Statistics.Waiting == 0)
            await tick.WaitForNextTickAsync();
        Assert.False(blocking.IsCompleted);
        await File.WriteAllTextAsync(gate, "");
        Assert.Equal((int[])[1, 2, 42], await Task.WhenAll(running, queued, blocking).WaitAsync(Deadline));
    }

    [Theory]
    [InlineData("threads")]
    [InlineData("shared memory")]
    public async Task Calls_of_an_object_and_of_a_key_keep_their_order_while_they_wait(string kind)
    {
        await using WorkerPool pool = Create(kind, 2, workers: 2);
        await using Remote<List<int>> list = await pool.CreateAsync(static () => new List<int>());
        var cancel = CancellationToken.None;
        var options = new CallOptions { Key = "key" };
        await pool.With(options).RunAsync(static () => next = 0);
        Task[] calls = new Task[600];
        for (int i = 0; i < calls.Length; i += 2)
        {
            calls[i] = list.CallAsync(static (l, n) => l.Add(n), i / 2, cancellationToken: cancel);
            calls[i + 1] = pool.With(options).RunAsync(static () => next++);
        }
        Task<int[]> all = list.CallAsync(static l => l.ToArray());
        await Task.WhenAll(calls).WaitAsync(Deadline);
        Assert.Equal(Enumerable.Range(0, 300), await all.WaitAsync(Deadline));
        Assert.Equal(Enumerable.Range(0, 300), calls.Where(static (_, i) => i % 2 == 1).Select(static c => ((Task<int>)c).Result));
        await list.DisposeAsync().AsTask().WaitAsync(Deadline);
    }

    [Fact]
    public async Task Maps_streams_and_calls_share_the_room_and_all_come_to_their_end()
    {
        await using WorkerPool pool = Create("shared memory", 4, workers: 2);
        Task<long>[] maps = [.. Enumerable.Range(0, 4).Select(_ => Task.Run(() => SumAsync(pool, 20_000)))];
        Task<long>[] streams = [.. Enumerable.Range(0, 8).Select(_ => Task.Run(() => StreamAsync(pool)))];
        Task<int>[] calls = [.. Enumerable.Range(0, 2000).Select(i => pool.RunAsync(static n => n, i))];
        Assert.All(await Task.WhenAll(maps).WaitAsync(Deadline), static sum => Assert.Equal(20_000L * 19_999 / 2, sum));
        Assert.All(await Task.WhenAll(streams).WaitAsync(Deadline), static sum => Assert.Equal(45, sum));
        Assert.Equal(Enumerable.Range(0, 2000), await Task.WhenAll(calls).WaitAsync(Deadline));
        Assert.Equal((0, 0), (pool.Statistics.Queued, pool.Statistics.Waiting));
        Assert.Equal((4 * 20_000) + 8 + 2000, pool.Statistics.Completed);
    }

    [Fact]
    public async Task A_waiting_call_costs_at_most_200_bytes_beside_its_task()
    {
        const int Calls = 10_000;
        await using WorkerPool pool = Create("shared memory", 1);
        Task<int> running = await HoldAsync(pool);
        Task<int>[] calls = new Task<int>[Calls];
        calls[0] = pool.RunAsync(static n => n, 0);
        calls[1] = pool.RunAsync(static n => n, 1);   // whatever is made once
        long before = GC.GetAllocatedBytesForCurrentThread();
        var tasks = new Task<int>[Calls];
        for (int i = 0; i < Calls; i++)
            tasks[i] = Promise<int>.Create();
        long afterTasks = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 2; i < Calls; i++)
            calls[i] = pool.RunAsync(static n => n, i);
        long each = ((GC.GetAllocatedBytesForCurrentThread() - afterTasks) - (afterTasks - before)) / Calls;
        Assert.Equal(Calls - 1, pool.Statistics.Waiting);
        Assert.True(each <= 200, $"{each} bytes");
        await File.WriteAllTextAsync(gate, "");
        await running.WaitAsync(Deadline);
        Assert.Equal(Enumerable.Range(0, Calls), await Task.WhenAll(calls).WaitAsync(Deadline));
        GC.KeepAlive(tasks);
    }

    [Fact]
    public void A_number_of_waiting_calls_that_cannot_be_is_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => WorkerPool.Threads(1, new() { MaxWaiting = -1 }));

    /// <summary>The only worker runs a call until the gate is there. It has an object of its own, so that it is no quick call behind which others may stand.</summary>
    private async Task<Task<int>> HoldAsync(WorkerPool pool)
    {
        await pool.StartAsync().WaitAsync(Deadline);
        string reached = gate + ".reached";
        File.Delete(reached);
        Task<int> running = pool.With(new() { Timeout = Deadline }).RunAsync(
            static async paths =>
            {
                await File.WriteAllTextAsync(paths.reached, "");
                using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
                while (!File.Exists(paths.gate))
                    await tick.WaitForNextTickAsync();
                return 1;
            },
            (gate, reached));
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (!File.Exists(reached))
            await tick.WaitForNextTickAsync();
        File.Delete(reached);
        return running;
    }

    private static async Task<long> SumAsync(WorkerPool pool, int count)
    {
        long sum = 0;
        await foreach (MapResult<int, int> result in pool.MapAsync(static n => n, Enumerable.Range(0, count)))
            sum += result.Value;
        return sum;
    }

    private static async Task<long> StreamAsync(WorkerPool pool)
    {
        long sum = 0;
        await foreach (int n in pool.StreamAsync(static (int count) => Count(count), 10))
            sum += n;
        return sum;
    }

    private static async IAsyncEnumerable<int> Count(int count)
    {
        for (int i = 0; i < count; i++)
        {
            await Task.Yield();
            yield return i;
        }
    }

    public sealed class Box
    {
        public int Value { get; set; }
    }

    public sealed class Unreadable
    {
        public bool Refuses { get; set; } = true;

        public int Number
        {
            get => Refuses ? throw new FormatException("unreadable") : 1;
            set => Refuses = value == 0;
        }
    }
}
