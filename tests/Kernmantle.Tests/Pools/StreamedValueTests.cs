using System.Diagnostics;
using Kernmantle.Tests.Logging;
using Microsoft.Extensions.Logging;

namespace Kernmantle.Tests.Pools;

/// <summary>Items of a stream over shared memory: as many as there is room for are under way, each is seen at once, and what the worker's death leaves is whole.</summary>
public sealed class StreamedValueTests : IDisposable
{
    /// <summary>Too large for a ring of the default size.</summary>
    private const int BlockBytes = 64 << 10;

    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(3);

    private readonly string gate = Path.Combine(Path.GetTempPath(), $"kernmantle-gate-{Guid.NewGuid():N}");
    private readonly ListFactory log = new();

    public void Dispose()
    {
        log.Dispose();
        File.Delete(gate);
    }

    private WorkerPool Pool(int window = 1024, int workers = 1) =>
        WorkerPool.Processes(workers, new() { Transport = WorkerTransport.SharedMemory, StreamWindow = window, LoggerFactory = log, Evidence = null });

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(1024)]
    public async Task Items_arrive_once_and_in_order_whatever_they_are(int window)
    {
        await using WorkerPool pool = Pool(window);
        Assert.Equal(Enumerable.Range(0, 20_000), await ReadAsync(pool.StreamAsync(Count, 20_000)));
        Assert.Equal(Enumerable.Range(0, 5_000).Select(static n => new Entry(n, $"entry {n}")), await ReadAsync(pool.StreamAsync(Entries, 5_000)));
        Assert.Equal(Enumerable.Range(0, 5_000), await ReadAsync(pool.StreamAsync(CountAsync, 5_000)));
        Assert.Empty(await ReadAsync(pool.StreamAsync(Count, 0)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1024)]
    public async Task Large_items_and_small_ones_keep_their_order(int window)
    {
        await using WorkerPool pool = Pool(window);
        int next = 0;
        await foreach (byte[] item in pool.StreamAsync(Blocks, 60))
        {
            Assert.Equal(SizeOf(next), item.Length);
            Assert.All(item, b => Assert.Equal((byte)next, b));
            next++;
        }
        Assert.Equal(60, next);
    }

    [Theory]
    [InlineData("computes")]
    [InlineData("awaits")]
    public async Task An_item_and_a_line_are_seen_while_the_function_goes_on(string how)
    {
        await using WorkerPool pool = Pool();
        int seen = 0;
        await foreach (int item in how == "computes" ? pool.StreamAsync(WaitingItems, gate) : pool.StreamAsync(AwaitingItems, gate))
        {
            Assert.Equal(seen++, item);
            if (item == 2)
            {
                await log.FindAsync(static e => e.Message == "it goes on").WaitAsync(Bound);
                await File.WriteAllTextAsync(gate, "");
            }
        }
        Assert.Equal(4, seen);
    }

    [Fact]
    public async Task What_was_yielded_before_the_worker_died_arrives_and_is_not_repeated()
    {
        await using WorkerPool pool = Pool();
        var items = new List<int>();
        var options = new CallOptions { Retry = new RetryPolicy { On = FailureKinds.Crash, MaxAttempts = 3 } };
        await Assert.ThrowsAsync<WorkerCrashedException>(async () =>
        {
            await foreach (int item in pool.With(options).StreamAsync(CountAndDie, 500))
                items.Add(item);
        });
        Assert.Equal(Enumerable.Range(0, 500), items);
        Assert.Equal(1, await pool.RunAsync(static () => 1).WaitAsync(Bound));
    }

    [Fact]
    public async Task A_stream_that_waits_for_its_consumer_ends_when_that_leaves()
    {
        await using WorkerPool pool = WorkerPool.Processes(1, new() { Transport = WorkerTransport.SharedMemory, StreamWindow = 4, KillGrace = Bound });
        for (int i = 0; i < 20; i++)
        {
            await foreach (int item in pool.StreamAsync(Count, int.MaxValue))
            {
                if (item == i)
                    break;
            }
        }
        Assert.Equal(0, pool.Statistics.Replaced);
    }

    [Fact]
    public async Task What_is_left_of_a_stream_that_has_ended_does_not_touch_the_next_one()
    {
        await using WorkerPool pool = Pool(window: 100);
        await using IAsyncEnumerator<int> first = pool.StreamAsync(Count, 100).GetAsyncEnumerator(TestContext.Current.CancellationToken);
        Assert.True(await first.MoveNextAsync());
        Assert.Equal(1, await pool.RunAsync(static () => 1).WaitAsync(Bound));   // it has ended in the worker
        int next = 0;
        await foreach (int item in pool.StreamAsync(Count, 1_000))
        {
            Assert.Equal(next++, item);
            if (next < 100)
            {
                Assert.True(await first.MoveNextAsync());
                Assert.Equal(next, first.Current);
            }
        }
        Assert.Equal(1_000, next);
        Assert.False(await first.MoveNextAsync());
    }

    [Fact]
    public async Task Streams_and_calls_share_workers()
    {
        await using WorkerPool pool = Pool(workers: 2);
        Task<List<int>>[] streams = [.. Enumerable.Range(0, 6).Select(_ => ReadAsync(pool.StreamAsync(Count, 3_000)))];
        Task<int>[] calls = [.. Enumerable.Range(0, 2_000).Select(n => pool.RunAsync(static n => n + 1, n))];
        foreach (Task<List<int>> stream in streams)
            Assert.Equal(Enumerable.Range(0, 3_000), await stream.WaitAsync(Bound));
        Assert.Equal(Enumerable.Range(1, 2_000), await Task.WhenAll(calls).WaitAsync(Bound));
    }

    [Fact]
    public async Task Streams_that_take_no_time_run_one_after_the_other()
    {
        await using WorkerPool pool = Pool();
        for (int i = 0; i < 50; i++)
            Assert.Equal([0], await ReadAsync(pool.StreamAsync(Count, 1)));
        Task<List<int>>[] streams = [.. Enumerable.Range(0, 300).Select(n => ReadAsync(pool.StreamAsync(Count, n % 3)))];
        for (int i = 0; i < streams.Length; i++)
            Assert.Equal(Enumerable.Range(0, i % 3), await streams[i].WaitAsync(Bound));
    }

    [Fact]
    public async Task The_end_is_heard_while_a_consumer_that_was_quick_is_about_something_else()
    {
        await using WorkerPool pool = Pool();
        for (int i = 0; i < 5; i++)
        {
            int seen = 0;
            await foreach (int item in pool.StreamAsync(Count, 20_000))
            {
                Assert.Equal(seen++, item);
                if (seen == 19_500)   // there is room for all that is left
                    Assert.Equal(1, await pool.RunAsync(static () => 1).WaitAsync(Bound));
            }
            Assert.Equal(20_000, seen);
        }
    }

    [Theory]
    [InlineData("leaves")]
    [InlineData("cancels")]
    public async Task A_quick_consumer_ends_a_stream_wherever_it_is(string how)
    {
        await using WorkerPool pool = WorkerPool.Processes(1, new() { Transport = WorkerTransport.SharedMemory, KillGrace = Bound });
        for (int i = 0; i < 40; i++)
        {
            using var source = new CancellationTokenSource();
            int seen = 0;
            try
            {
                await foreach (byte[] item in pool.StreamAsync(EqualBlocks, int.MaxValue, source.Token))
                {
                    Assert.Equal(-1, item.AsSpan().IndexOfAnyExcept((byte)seen));
                    if (seen++ < i * 5)
                        continue;
                    if (how == "leaves")
                        break;
                    await source.CancelAsync();
                }
            }
            catch (OperationCanceledException) when (how == "cancels")
            {
                Assert.True(seen > i * 5);
            }
            Assert.Equal(i, await pool.RunAsync(static n => n, i).WaitAsync(Bound));
        }
        Assert.Equal(0, pool.Statistics.Replaced);
    }

    [Fact]
    public async Task A_stream_whose_consumer_attends_ends_with_its_pool()
    {
        for (int i = 0; i < 10; i++)
        {
            WorkerPool pool = WorkerPool.Processes(1, new() { Transport = WorkerTransport.SharedMemory, LoggerFactory = log, Evidence = null, DrainTimeout = TimeSpan.Zero });
            var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            Task reading = Task.Run(
                async () =>
                {
                    await foreach (int item in pool.StreamAsync(Count, int.MaxValue))
                    {
                        if (item == 10_000)
                            begun.SetResult();
                    }
                },
                TestContext.Current.CancellationToken);
            await begun.Task.WaitAsync(Bound, TestContext.Current.CancellationToken);
            await pool.DisposeAsync().AsTask().WaitAsync(Bound, TestContext.Current.CancellationToken);
            await Assert.ThrowsAsync<ObjectDisposedException>(() => reading.WaitAsync(Bound, TestContext.Current.CancellationToken));
        }
    }

    [Theory]
    [InlineData("throws")]
    [InlineData("dies")]
    public async Task A_quick_consumer_has_all_blocks_that_came_before_the_failure(string how)
    {
        await using WorkerPool pool = Pool();
        for (int i = 0; i < (how == "dies" ? 3 : 30); i++)
        {
            int seen = 0;
            async Task ReadAllAsync()
            {
                await foreach (byte[] item in pool.StreamAsync(BlocksAndFailure, how))
                {
                    Assert.Equal(BlockBytes, item.Length);
                    Assert.Equal(-1, item.AsSpan().IndexOfAnyExcept((byte)seen));
                    seen++;
                }
            }
            if (how == "dies")
                await Assert.ThrowsAsync<WorkerCrashedException>(ReadAllAsync);
            else
                Assert.Equal("after 100", (await Assert.ThrowsAsync<RemoteException>(ReadAllAsync)).Message.Split('\n')[0].Trim()[^9..]);
            Assert.Equal(100, seen);
        }
    }

    /// <summary>What was logged is handled first, which takes as long as the user's logger does: the large item and the end of its stream wait behind it.</summary>
    [Fact]
    public async Task An_item_and_the_end_that_wait_behind_a_slow_logger_arrive()
    {
        using var blocking = new BlockingLoggerFactory();
        await using WorkerPool pool = WorkerPool.Processes(1, new() { Transport = WorkerTransport.SharedMemory, LoggerFactory = blocking });
        for (int i = 0; i < 20; i++)
        {
            File.Delete(gate);
            Task<List<byte[]>> stream = ReadAsync(pool.StreamAsync(LineAndBlock, gate));
            await blocking.Entered.WaitAsync(Bound, TestContext.Current.CancellationToken);
            while (!File.Exists(gate))   // the worker writes the end next
                await Task.Delay(1, TestContext.Current.CancellationToken);
            blocking.Gate.Release();
            Assert.Equal(20_000, Assert.Single(await stream.WaitAsync(Bound)).Length);
        }
        Assert.Equal(0, pool.Statistics.Replaced);
    }

    private static async Task<List<T>> ReadAsync<T>(IAsyncEnumerable<T> items)
    {
        var all = new List<T>();
        await foreach (T item in items)
            all.Add(item);
        return all;
    }

#pragma warning disable CS1998 // Iterators that wait for nothing.
    private static async IAsyncEnumerable<int> Count(int count)
    {
        for (int i = 0; i < count; i++)
            yield return i;
    }

    private static async IAsyncEnumerable<Entry> Entries(int count)
    {
        for (int i = 0; i < count; i++)
            yield return new(i, $"entry {i}");
    }

    private static async IAsyncEnumerable<byte[]> Blocks(int count)
    {
        for (int i = 0; i < count; i++)
        {
            byte[] block = new byte[SizeOf(i)];
            Array.Fill(block, (byte)i);
            yield return block;
        }
    }

    private static async IAsyncEnumerable<byte[]> EqualBlocks(int count)
    {
        byte[] block = new byte[BlockBytes];
        for (int i = 0; i < count; i++)
        {
            Array.Fill(block, (byte)i);
            yield return block;
        }
    }

    private static async IAsyncEnumerable<byte[]> BlocksAndFailure(string how)
    {
        await foreach (byte[] block in EqualBlocks(100))
            yield return block;
        if (how == "dies")
            Process.GetCurrentProcess().Kill();
        throw new InvalidOperationException("after 100");
    }

    private static async IAsyncEnumerable<byte[]> LineAndBlock(string gate)
    {
        Console.WriteLine("a line");
        yield return new byte[20_000];
        File.WriteAllText(gate, "");
    }

    private static async IAsyncEnumerable<int> CountAndDie(int count)
    {
        for (int i = 0; i < count; i++)
            yield return i;
        Process.GetCurrentProcess().Kill();
    }

    private static async IAsyncEnumerable<int> WaitingItems(string gate)
    {
        for (int i = 0; i < 3; i++)
            yield return i;
        Console.WriteLine("it goes on");
        var spin = new SpinWait();
        while (!File.Exists(gate))
            spin.SpinOnce(sleep1Threshold: -1);
        yield return 3;
    }
#pragma warning restore CS1998

    private static async IAsyncEnumerable<int> AwaitingItems(string gate)
    {
        for (int i = 0; i < 3; i++)
            yield return i;
        await Task.Yield();
        Console.WriteLine("it goes on");
        while (!File.Exists(gate))
            await Task.Delay(1);
        yield return 3;
    }

    private static async IAsyncEnumerable<int> CountAsync(int count)
    {
        for (int i = 0; i < count; i++)
        {
            await Task.Yield();
            yield return i;
        }
    }

    /// <summary>In an open record, beside it, and in a segment.</summary>
    private static int SizeOf(int index) => (index % 4) switch
    {
        0 => 10,
        1 => 3_000,
        2 => 20_000,
        _ => 600_000,
    };

    internal sealed record Entry(int Number, string Name);

    /// <summary>Stops at each line of the worker's output until it is let go on.</summary>
    private sealed class BlockingLoggerFactory : ILoggerFactory, ILogger
    {
        public SemaphoreSlim Entered { get; } = new(0);

        public SemaphoreSlim Gate { get; } = new(0);

        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (formatter(state, exception) != "a line")
                return;
            Entered.Release();
            Gate.Wait();
        }

        public void Dispose() => Gate.Release(1_000);
    }
}
