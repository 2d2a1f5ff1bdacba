using Kernmantle.Functions;
using Kernmantle.Scheduling.Calls;
using Kernmantle.Scheduling.Joining;

namespace Kernmantle.Tests.Pools;

/// <summary>Short calls that wait in the queue together travel together, and nothing of that can be seen of one.</summary>
[Collection(typeof(Alone))]   // calls do not join while somebody measures each of them, which other tests do
public sealed class JoinedCallsTests : IDisposable
{
    private const int Calls = 300;

    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(3);

    private static readonly AsyncLocal<int> Local = new();

    private static int registered;

    private static int order;

    private readonly string folder = Directory.CreateTempSubdirectory("kernmantle-joined").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private static WorkerPool Pool(int workers = 1, int capacity = 4096, int waiting = 1_000_000) =>
        WorkerPool.Processes(workers, new() { Transport = WorkerTransport.SharedMemory, QueueCapacity = capacity, MaxWaiting = waiting });

    [Fact]
    public async Task Each_has_its_own_arguments_captures_and_result()
    {
        await using WorkerPool pool = Pool(2);
        Func<int, int> square = static n => n * n;
        Func<string, int> length = static text => text.Length;
        int[] squares = await Together(pool, square, i => pool.RunAsync(square, i));
        Assert.Equal(Enumerable.Range(0, Calls).Select(static i => i * i), squares);
        int[] lengths = await Together(pool, length, i => pool.RunAsync(length, new string('x', i)));
        Assert.Equal(Enumerable.Range(0, Calls), lengths);
        Assert.Equal(Enumerable.Range(0, Calls).Select(static i => $"{i}"), await Together(pool, Of(0), i => pool.RunAsync(Of(i))));
        Assert.Equal((3 * Calls) + 6, pool.Statistics.Completed);
        Assert.Equal((0, 0), (pool.Statistics.Queued, pool.Statistics.Running));
    }

    private static Func<string> Of(int number) => () => $"{number}";

    [Fact]
    public async Task One_that_throws_fails_alone_and_the_figures_are_right_at_once()
    {
        await using WorkerPool pool = Pool(2);
        Func<int, int> picky = static n => n % 10 == 9 ? throw new FormatException($"no {n}") : n;
        Task<int>[] tasks = await Queued(pool, picky, i => pool.RunAsync(picky, i));
        await Task.WhenAll(tasks).WaitAsync(Deadline).ContinueWith(static _ => { }, TaskScheduler.Default);
        Assert.Equal((Calls - (Calls / 10) + 2, Calls / 10, 0), (pool.Statistics.Completed, pool.Statistics.Failed, pool.Statistics.Cancelled));
        for (int i = 0; i < Calls; i++)
        {
            if (i % 10 != 9)
            {
                Assert.Equal(i, await tasks[i]);
                continue;
            }
            var failure = await Assert.ThrowsAsync<RemoteException>(() => tasks[i]);
            Assert.Contains($"no {i}", failure.Message, StringComparison.Ordinal);
            Assert.NotNull(failure.CallName);
            Assert.NotNull(failure.WorkerName);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_crash_loses_the_one_that_was_begun_and_none_runs_twice(int workers)
    {
        await using WorkerPool pool = Pool(workers);
        Func<string, int> note = Note;
        Task<int>[] tasks = await Queued(pool, note, i => pool.RunAsync(note, $"{folder} {i}"));
        for (int i = 0; i < Calls; i++)
        {
            if (i == 100)
                Assert.Equal(CrashReason.RuntimeAbort, (await Assert.ThrowsAsync<WorkerCrashedException>(() => tasks[100].WaitAsync(Deadline))).Reason);
            else
                Assert.Equal(i, await tasks[i].WaitAsync(Deadline));
        }
        string[] begun = [.. Directory.GetFiles(folder, "notes-*").SelectMany(File.ReadAllLines)];
        Assert.Equal(Calls, begun.Distinct().Count());
        Assert.Equal(Calls, begun.Length);
    }

    private static int Note(string what)
    {
        string[] parts = what.Split(' ');
        File.AppendAllText(Path.Combine(parts[0], $"notes-{Environment.ProcessId}"), $"{parts[1]}\n");
        if (parts[1] == "100")
            Environment.FailFast("it falls");
        return int.Parse(parts[1], System.Globalization.CultureInfo.InvariantCulture);
    }

    [Fact]
    public async Task Those_that_are_given_up_in_the_queue_end_at_once_and_never_begin()
    {
        await using WorkerPool pool = Pool();
        Func<string, int> note = Note;
        using var stop = new CancellationTokenSource();
        Task<int>[] tasks = new Task<int>[Calls];
        string gate = await BlockAsync(pool);
        Teach(note);
        for (int i = 0; i < Calls; i++)
            tasks[i] = pool.RunAsync(note, $"{folder} {i + 1000}", i % 7 == 3 ? stop.Token : default);
        AssertJoined(pool);
        await stop.CancelAsync();
        for (int i = 3; i < Calls; i += 7)
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => tasks[i].WaitAsync(Deadline));   // the gate is still closed
        Assert.Null(pool.Scheduler.FindViolation());
        await File.WriteAllTextAsync(gate, "");
        for (int i = 0; i < Calls; i++)
        {
            if (i % 7 != 3)
                Assert.Equal(i + 1000, await tasks[i].WaitAsync(Deadline));
        }
        string[] begun = [.. Directory.GetFiles(folder, "notes-*").SelectMany(File.ReadAllLines)];
        Assert.Equal(Enumerable.Range(0, Calls).Where(static i => i % 7 != 3).Select(static i => $"{i + 1000}"), begun);
        Assert.Equal(tasks.Count(static t => t.IsCanceled), pool.Statistics.Cancelled);
    }

    [Fact]
    public async Task One_that_is_given_up_while_it_runs_is_cancelled_alone()
    {
        await using WorkerPool pool = Pool();
        Func<string, CancellationToken, bool> wait = WaitIfTold;
        using var stop = new CancellationTokenSource();
        Task<bool>[] tasks = new Task<bool>[Calls];
        string gate = await BlockAsync(pool);
        Teach(wait, hasToken: true);
        string begun = Path.Combine(folder, "begun");
        for (int i = 0; i < Calls; i++)
            tasks[i] = pool.RunAsync(wait, i == 100 ? begun : "", i is 100 or 299 ? stop.Token : CancellationToken.None);
        AssertJoined(pool);
        await File.WriteAllTextAsync(gate, "");
        await Contracts.Waiting.Until(() => File.Exists(begun), "it has begun", Deadline);
        await stop.CancelAsync();
        for (int i = 0; i < Calls; i++)
        {
            if (i is 100 or 299)
                await Assert.ThrowsAnyAsync<OperationCanceledException>(() => tasks[i].WaitAsync(Deadline));
            else
                Assert.False(await tasks[i].WaitAsync(Deadline));   // whose token is not cancelled
        }
        Assert.Equal((Calls, 0, 2, 0), (pool.Statistics.Completed + 1, pool.Statistics.Failed, pool.Statistics.Cancelled, pool.Statistics.Replaced));
    }

    private static bool WaitIfTold(string begun, CancellationToken token)
    {
        token.Register(static () => Interlocked.Increment(ref registered));
        if (begun.Length > 0)
        {
            File.WriteAllText(begun, "");
            token.WaitHandle.WaitOne();
            token.ThrowIfCancellationRequested();
        }
        return token.IsCancellationRequested;
    }

    [Fact]
    public async Task One_that_takes_too_long_times_out_alone()
    {
        await using WorkerPool pool = Pool();
        CallInvoker timed = pool.With(new() { Timeout = TimeSpan.FromSeconds(1) });
        Func<int, int> hang = static n => n == 100 ? Hang() : n;
        Task<int>[] tasks = await Queued(pool, hang, i => timed.RunAsync(hang, i));
        for (int i = 0; i < Calls; i++)
        {
            if (i == 100)
                await Assert.ThrowsAsync<CallTimeoutException>(() => tasks[100].WaitAsync(Deadline));
            else
                Assert.Equal(i, await tasks[i].WaitAsync(Deadline));
        }
    }

    private static int Hang()
    {
        Thread.Sleep(Timeout.Infinite);
        return 0;
    }

    [Fact]
    public async Task What_is_behind_one_that_lasts_goes_elsewhere_and_results_before_it_do_not_wait()
    {
        await using WorkerPool pool = Pool(2);
        string lasting = Path.Combine(folder, "lasting");
        Func<string, int> f = static gate => gate.Length == 0 ? 1 : AwaitFile(gate);
        Task<int>[] tasks = await Queued(pool, f, i => pool.RunAsync(f, i == 100 ? lasting : ""));
        await Task.WhenAll(tasks.Where((_, i) => i != 100)).WaitAsync(Deadline);
        Assert.False(tasks[100].IsCompleted);
        await File.WriteAllTextAsync(lasting, "");
        Assert.Equal(1, await tasks[100].WaitAsync(Deadline));
    }

    [Fact]
    public async Task What_is_behind_one_that_lasts_keeps_its_order()
    {
        await using WorkerPool pool = Pool();
        string lasting = Path.Combine(folder, "lasting");
        Func<string, int> f = static gate => gate.Length == 0 ? order++ : AwaitFile(gate) + order++ - 1;
        Task<int>[] tasks = await Queued(pool, f, i => pool.RunAsync(f, i == 30 ? lasting : ""));
        await Task.WhenAll(tasks[..30]).WaitAsync(Deadline);
        await Contracts.Waiting.Until(() => pool.Scheduler.Dispatcher.Queued == Calls - 31, "what is behind it is back in the queue", Deadline);
        await File.WriteAllTextAsync(lasting, "");
        Assert.Equal(Enumerable.Range(0, Calls), await Task.WhenAll(tasks).WaitAsync(Deadline));
    }

    [Fact]
    public async Task One_that_runs_out_of_memory_fails_alone()
    {
        await using WorkerPool pool = Pool();
        string lasting = Path.Combine(folder, "lasting");
#pragma warning disable CA2201 // What the runtime throws, at a known moment.
        Func<int, string, int> greedy = static (n, gate) => n == 100 ? throw new OutOfMemoryException() : n == 101 ? n * AwaitFile(gate) : n;
#pragma warning restore CA2201
        Task<int>[] tasks = await Queued(pool, greedy, i => pool.RunAsync(greedy, i, lasting));
        await Assert.ThrowsAsync<MemoryLimitException>(() => tasks[100].WaitAsync(Deadline));
        await File.WriteAllTextAsync(lasting, "");
        for (int i = 0; i < Calls; i++)
        {
            if (i is not (100 or 101))
                Assert.Equal(i, await tasks[i].WaitAsync(Deadline));
        }
        try
        {
            Assert.Equal(101, await tasks[101].WaitAsync(Deadline));
        }
        catch (WorkerCrashedException)
        {
            // It had begun on the worker that was replaced for the one before it, as a call by itself may have.
        }
        Assert.Equal(1, pool.Statistics.Replaced);
    }

    [Fact]
    public async Task To_a_worker_without_shared_memory_they_go_one_by_one()
    {
        await using WorkerPool pool = WorkerPool.Processes(1, new() { Transport = WorkerTransport.Socket });
        Func<int, int> square = static n => n * n;
        using var stop = new CancellationTokenSource();
        Teach(square);
        QuickCall<ValueTuple<int>, int>[] calls = [.. Enumerable.Range(0, 5).Select(i => QuickCall<ValueTuple<int>, int>.TryCreate(
            square, new(ReturnKind.Value, IsVoid: false, HasToken: false), new(i), WorkerPool.NoOptions, synchronous: false, 1000, Timeout.InfiniteTimeSpan, i == 3 ? stop.Token : default)!)];
        Task<int>[] tasks = [.. calls.Select(static c => c.Task)];
        JoinedCalls joined = calls[0].StartJoining(pool.Scheduler);
        calls[0].OnJoined(joined, 0);
        for (int i = 1; i < calls.Length; i++)
        {
            Assert.True(joined.TryAdd(calls[i]));
            calls[i].OnJoined(joined, i);
        }
        lock (pool.Scheduler.Gate)
        {
            pool.Scheduler.Ledger.CountIn();
            pool.Scheduler.Ledger.Dissolve(joined);
        }
        joined.Scatter(pool.Scheduler.Submission);
        int[] squares = await Task.WhenAll(tasks).WaitAsync(Deadline);
        Assert.Equal([0, 1, 4, 9, 16], squares);
        Assert.Equal(5, pool.Statistics.Completed);
        Assert.Equal(0, pool.Scheduler.Ledger.Live);
    }

    [Fact]
    public async Task An_argument_that_waits_for_a_call_before_it_is_admitted_behind_that()
    {
        await using WorkerPool pool = Pool(1, capacity: 4);
        Func<int, int> f = static n => n;
        Func<Waiting, int> g = static w => w.Value;
        string gate = await BlockAsync(pool);
        Teach(f);
        Task<int>[] tasks = [.. Enumerable.Range(0, 20).Select(i => pool.RunAsync(f, i))];
        awaited = tasks[19];
        Task<int> last = pool.RunAsync(g, new Waiting());
        await File.WriteAllTextAsync(gate, "");
        Assert.Equal(19, await last.WaitAsync(Deadline));
    }

    [Fact]
    public async Task Those_behind_one_whose_admission_lasts_can_be_given_up()
    {
        await using WorkerPool pool = Pool(1, capacity: 4);
        using var stop = new CancellationTokenSource();
        Func<int, int> f = static n => n;
        Func<Waiting, int> g = static w => w.Value;
        string gate = await BlockAsync(pool);
        Teach(f);
        var opened = new TaskCompletionSource<int>();
        Task<int>[] before = [.. Enumerable.Range(0, 5).Select(i => pool.RunAsync(f, i))];
        awaited = opened.Task;
        Task<int> lasting = pool.RunAsync(g, new Waiting());
        Task<int>[] behind = [.. Enumerable.Range(0, 20).Select(i => pool.RunAsync(f, i, stop.Token))];
        await File.WriteAllTextAsync(gate, "");
        await Task.WhenAll(before).WaitAsync(Deadline);
        await stop.CancelAsync();
        foreach (Task<int> task in behind)
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => task.WaitAsync(Deadline));
        Assert.False(lasting.IsCompleted);
        opened.SetResult(7);
        Assert.Equal(7, await lasting.WaitAsync(Deadline));
    }

    private static Task<int>? awaited;

    public sealed class Waiting
    {
        public int Value
        {
            get => awaited is { } other ? other.GetAwaiter().GetResult() : field;
            set;
        }
    }

    [Fact]
    public async Task What_one_leaves_in_its_context_the_next_does_not_find()
    {
        await using WorkerPool pool = Pool();
        Func<string, int> set = static text =>
        {
            int before = Local.Value + (SynchronizationContext.Current is null ? 0 : 1) + (WorkerContext.Current is null ? 1 : 0);
            Local.Value = text.Length;
            SynchronizationContext.SetSynchronizationContext(new());
            return before;
        };
        Assert.All(await Together(pool, set, i => pool.RunAsync(set, "text")), static before => Assert.Equal(0, before));
        Assert.All(await pool.MapToArrayAsync(set, Enumerable.Repeat("text", Calls).ToArray()).WaitAsync(Deadline), static before => Assert.Equal(0, before));
    }

    [Fact]
    public async Task Those_that_wait_when_the_pool_is_disposed_of_fail()
    {
        WorkerPool pool = Pool();
        Func<int, int> f = static n => n;
        await BlockAsync(pool);
        Teach(f);
        Task<int>[] tasks = [.. Enumerable.Range(0, Calls).Select(i => pool.RunAsync(f, i))];
        AssertJoined(pool);
        await pool.DisposeAsync();
        foreach (Task<int> task in tasks)
            await Assert.ThrowsAsync<ObjectDisposedException>(() => task.WaitAsync(Deadline));
        Assert.Equal(Calls, pool.Statistics.Failed - 1);
    }

    [Fact]
    public async Task Those_that_wait_for_room_begin_in_their_order()
    {
        await using WorkerPool pool = Pool(1, capacity: 10);
        Func<int, int> next = static _ => order++;
        string gate = await BlockAsync(pool);
        Teach(next);
        Task<int>[] tasks = [.. Enumerable.Range(0, Calls).Select(i => pool.RunAsync(next, i))];
        Assert.Equal((Calls, Calls - 10), (pool.Statistics.Queued, pool.Statistics.Waiting));
        Assert.Null(pool.Scheduler.FindViolation());
        await File.WriteAllTextAsync(gate, "");
        Assert.Equal(Enumerable.Range(0, Calls), await Task.WhenAll(tasks).WaitAsync(Deadline));
        Assert.Equal(Calls + 1, pool.Statistics.Completed);
    }

    [Fact]
    public async Task No_more_wait_for_room_than_may()
    {
        await using WorkerPool pool = Pool(1, capacity: 10, waiting: 100);
        Func<int, int> f = static n => n;
        string gate = await BlockAsync(pool);
        Task<int>[] tasks = [.. Enumerable.Range(0, 111).Select(i => pool.RunAsync(f, i))];
        await Assert.ThrowsAsync<QueueFullException>(() => tasks[110]);
        await File.WriteAllTextAsync(gate, "");
        Assert.Equal(Enumerable.Range(0, 110), await Task.WhenAll(tasks[..110]).WaitAsync(Deadline));
    }

    // --- Making them wait together ---

    private async Task<TResult[]> Together<TResult>(WorkerPool pool, Delegate function, Func<int, Task<TResult>> run) =>
        await Task.WhenAll(await Queued(pool, function, run)).WaitAsync(Deadline);

    /// <summary>So many calls, which were in the queue together.</summary>
    private async Task<Task<TResult>[]> Queued<TResult>(WorkerPool pool, Delegate function, Func<int, Task<TResult>> run)
    {
        string gate = await BlockAsync(pool);
        Teach(function);
        Task<TResult>[] tasks = [.. Enumerable.Range(0, Calls).Select(run)];
        AssertJoined(pool);
        await File.WriteAllTextAsync(gate, "");
        return tasks;
    }

    /// <summary>Every worker waits until the file that is returned is there.</summary>
    private async Task<string> BlockAsync(WorkerPool pool)
    {
        string gate = Path.Combine(folder, Guid.NewGuid().ToString("N"));
        Func<string, int> block = AwaitFile;
        CallDuration lasting = Function.Of(block, new(ReturnKind.Value, IsVoid: false, HasToken: false)).Duration;
        while (lasting.Estimate < 1e6)
            lasting.Sample(1e6);   // nobody gets a call in advance behind it
        for (int i = 0; i < pool.WorkerCount; i++)
            _ = pool.RunAsync(AwaitFile, gate);
        await Contracts.Waiting.Until(() => pool.Statistics.Running == pool.WorkerCount, "all workers are busy", Deadline);
        return gate;
    }

    private static int AwaitFile(string gate)
    {
        while (!File.Exists(gate))
            Thread.Yield();
        return 1;
    }

    /// <summary>The function is known to be short.</summary>
    private static void Teach(Delegate function, bool hasToken = false) =>
        Function.Of(function, new(ReturnKind.Value, IsVoid: false, HasToken: hasToken)).Duration.Sample(1, items: 1000);

    private static void AssertJoined(WorkerPool pool)
    {
        int places = pool.Scheduler.Dispatcher.Queue.Count;
        Assert.True(places < pool.Statistics.Queued / 4, $"{pool.Statistics.Queued} calls stand in {places} places");
        Assert.Null(pool.Scheduler.FindViolation());
    }
}
