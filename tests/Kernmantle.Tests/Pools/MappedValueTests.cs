using Xunit;

namespace Kernmantle.Tests.Pools;

/// <summary>Items of maps travel many at a time whatever they carry; what can be seen of each is what can be seen of a single call.</summary>
public sealed class MappedValueTests : IDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(3);

    private readonly string folder = Directory.CreateTempSubdirectory("kernmantle-mapped-").FullName;

    private static WorkerPool Pool(int workers = 1, long maxPayloadBytes = 1 << 20) =>
        WorkerPool.Processes(workers, new() { Transport = WorkerTransport.SharedMemory, MaxPayloadBytes = maxPayloadBytes });

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Records_come_back_each_to_its_input(bool ordered)
    {
        await using WorkerPool pool = Pool(2);
        Entry[] inputs = [.. Enumerable.Range(0, 5_000).Select(static n => new Entry(n, $"entry {n}", [n, n + 1]))];
        var seen = new HashSet<int>();
        await foreach (MapResult<Entry, Entry> result in ordered ? pool.MapAsync(Grown, inputs) : pool.MapUnorderedAsync(Grown, inputs))
        {
            Assert.Same(inputs[(int)result.Index], result.Input);
            Assert.Equal((result.Input.Number + 1, result.Input.Name + "!"), (result.Value.Number, result.Value.Name));
            Assert.Equal([.. result.Input.Parts, 7], result.Value.Parts);
            Assert.True(seen.Add(result.Input.Number));
        }
        Assert.Equal(inputs.Length, seen.Count);
    }

    [Fact]
    public async Task An_item_does_not_see_what_another_did_to_a_captured_variable()
    {
        await using WorkerPool pool = Pool();
        int sum = 0;
        List<int> list = [100];
        await foreach (MapResult<int, (int Sum, int Count)> result in pool.MapAsync(Add, Enumerable.Range(0, 3_000)))
            Assert.Equal((result.Input, 2), result.Value);
        Assert.Equal((0, 1), (sum, list.Count));

        (int, int) Add(int n)
        {
            sum += n;
            list.Add(n);
            return (sum, list.Count);
        }
    }

    [Fact]
    public async Task An_input_whose_constructor_throws_in_the_worker_fails_alone()
    {
        await using WorkerPool pool = Pool();
        await AssertOnlyOneFails<PickyThere, int>(pool, static picky => picky.Number, 13, static failure => Assert.Contains("no 13 in the worker", Assert.IsType<RemoteException>(failure).Message, StringComparison.Ordinal), static n => new PickyThere { Number = n });
    }

    [Fact]
    public async Task A_result_whose_constructor_throws_here_fails_alone()
    {
        await using WorkerPool pool = Pool();
        await AssertOnlyOneFails<int, PickyHere>(pool, static n => new PickyHere { Number = n }, 13, static failure => Assert.Contains("no 13 in the host", failure.ToString(), StringComparison.Ordinal), static n => n);
        Assert.Equal(1, await pool.RunAsync(static () => 1));
    }

    [Fact]
    public async Task An_input_that_cannot_cross_fails_alone()
    {
        await using WorkerPool pool = Pool();
        await AssertOnlyOneFails<Plain, int>(pool, static plain => plain.Number, 20, static failure => Assert.IsType<NotPortableException>(failure), static n => n == 20 ? new Special(n, "derived") : new Plain(n));
    }

    [Fact]
    public async Task A_result_that_cannot_cross_fails_alone()
    {
        await using WorkerPool pool = Pool();
        await AssertOnlyOneFails<int, Plain>(pool, static n => n == 20 ? new Special(n, "derived") : new Plain(n), 20, static failure => Assert.IsType<NotPortableException>(failure), static n => n);
    }

    [Fact]
    public async Task An_input_that_is_too_large_fails_alone()
    {
        await using WorkerPool pool = Pool(maxPayloadBytes: 64 << 10);
        await AssertOnlyOneFails<string, int>(pool, static text => text.Length, 20, static failure => Assert.IsType<PayloadTooLargeException>(failure), static n => new string('x', n == 20 ? 100_000 : n));
    }

    [Fact]
    public async Task A_result_that_is_too_large_fails_alone()
    {
        await using WorkerPool pool = Pool(maxPayloadBytes: 64 << 10);
        await AssertOnlyOneFails<int, string>(pool, static n => new string('x', n == 20 ? 100_000 : n), 20, static failure => Assert.IsType<PayloadTooLargeException>(failure), static n => n);
    }

    [Fact]
    public async Task Inputs_of_which_one_fits_a_payload_and_two_do_not_all_arrive()
    {
        await using WorkerPool pool = Pool(maxPayloadBytes: 20_000);
        int seen = 0;
        await foreach (MapResult<string, int> result in pool.MapAsync(static text => text.Length, Enumerable.Range(0, 50).Select(static n => new string('x', 9_000 + n))))
            Assert.Equal(9_000 + seen++, result.Value);
        Assert.Equal(50, seen);
    }

    [Fact]
    public async Task An_input_whose_constructor_ends_the_worker_is_lost_alone_and_none_runs_twice()
    {
        await using WorkerPool pool = Pool(2);
        string log = Path.Combine(folder, "log");
        int lost = 0;
        await foreach (MapResult<Deadly, int> result in pool.MapUnorderedAsync(deadly => Noted(log, deadly.Number), Enumerable.Range(0, 3_000).Select(static n => new Deadly { Number = n })))
        {
            if (result.Index is 1_000 or 2_000)
            {
                Assert.IsType<WorkerCrashedException>(result.Failure);
                lost++;
            }
            else
            {
                Assert.Equal(result.Index, result.Value);
            }
        }
        Assert.Equal(2, lost);
        string[] begun = [.. Directory.GetFiles(folder).SelectMany(File.ReadAllLines)];
        Assert.Equal((2_998, 2_998), (begun.Length, begun.Distinct().Count()));
    }

    [Fact]
    public async Task An_item_that_takes_too_long_fails_alone_and_none_runs_twice()
    {
        await using WorkerPool pool = WorkerPool.Processes(2, new() { Transport = WorkerTransport.SharedMemory, Evidence = new() { Budget = TimeSpan.FromMinutes(1) } });
        string log = Path.Combine(folder, "log");
        int late = 0;
        await foreach (MapResult<int, int> result in pool.With(new() { Timeout = TimeSpan.FromSeconds(4) }).MapUnorderedAsync(n => Noted(log, n) is 700 or 701 or 1_500 ? Hang() : n, Enumerable.Range(0, 2_000)))
        {
            if (result.Input is 700 or 701 or 1_500)
            {
                CallTimeoutException timeout = Assert.IsType<CallTimeoutException>(result.Failure);
                Assert.False(timeout.IsTransfer);
                Assert.Contains(nameof(Hang), timeout.Stacks, StringComparison.Ordinal);
                late++;
            }
            else
            {
                Assert.Equal(result.Input, result.Value);
            }
        }
        Assert.Equal(3, late);
        string[] begun = [.. Directory.GetFiles(folder).SelectMany(File.ReadAllLines)];
        Assert.Equal((2_000, 2_000), (begun.Length, begun.Distinct().Count()));
    }

    /// <summary>Each has its time for itself: together they take longer than one may.</summary>
    [Fact]
    public async Task The_time_of_an_item_counts_from_its_own_begin()
    {
        await using WorkerPool pool = Pool();
        int seen = 0;
        await foreach (MapResult<int, int> result in pool.With(new() { Timeout = TimeSpan.FromSeconds(5) }).MapAsync(Slow, Enumerable.Range(0, 16)))
            Assert.Equal(seen++, result.Value);
        Assert.Equal(16, seen);

        // The first look as if they were tiny, so that the others travel together.
        static int Slow(int n)
        {
            if (n >= 4)
                Thread.Sleep(500);
            return n;
        }
    }

    [Fact]
    public async Task A_function_that_looks_at_its_token_ends_with_the_map_and_its_worker_lives_on()
    {
        await using WorkerPool pool = WorkerPool.Processes(1, new() { Transport = WorkerTransport.SharedMemory, KillGrace = Bound });
        int process = await pool.RunAsync(static () => Environment.ProcessId);
        using var cancel = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (MapResult<int, int> result in pool.MapAsync(Wait, Enumerable.Range(0, 1_000), cancellationToken: cancel.Token))
            {
                if (result.Index == 499)
                    await cancel.CancelAsync();
            }
        });
        Assert.Equal(process, await pool.RunAsync(static () => Environment.ProcessId).WaitAsync(Bound));
        Assert.Equal(3_000, await Sum(pool));

        static int Wait(int n, CancellationToken token)
        {
            if (n == 500)
            {
                token.WaitHandle.WaitOne();
                token.ThrowIfCancellationRequested();
            }
            return n;
        }

        static async Task<int> Sum(WorkerPool pool)
        {
            int sum = 0;
            await foreach (MapResult<int, int> result in pool.MapAsync(static (n, token) => token.IsCancellationRequested ? -1 : n, Enumerable.Repeat(3, 1_000)))
                sum += result.Value;
            return sum;
        }
    }

    [Fact]
    public async Task Captured_progress_and_captured_buffers_still_cross_as_what_they_are()
    {
        await using WorkerPool pool = Pool();
        var reports = new Reports();
        IProgress<int> progress = reports;
        using SharedBuffer<int> shared = SharedBuffer.Allocate<int>(100);
        int seen = 0;
        await foreach (MapResult<int, int> result in pool.MapAsync(Report, Enumerable.Range(0, 100)))
            Assert.Equal(seen++, result.Value);
        Assert.Equal(100, seen);
        Assert.Equal(Enumerable.Range(1, 100), shared.Span.ToArray());
        Assert.Equal(100, reports.Count);

        int Report(int n)
        {
            progress.Report(n);
            shared.Span[n] = n + 1;
            return n;
        }
    }

    private static async Task AssertOnlyOneFails<T, TResult>(WorkerPool pool, Func<T, TResult> function, int which, Action<Exception> check, Func<int, T> input)
    {
        int failed = 0, seen = 0;
        await foreach (MapResult<T, TResult> result in pool.MapAsync(function, Enumerable.Range(0, 300).Select(input)))
        {
            Assert.Equal(seen++, result.Index);
            if (result.Index != which)
            {
                Assert.Null(result.Failure);
                continue;
            }
            check(Assert.IsType<Exception>(result.Failure, exactMatch: false));
            failed++;
        }
        Assert.Equal((300, 1), (seen, failed));
    }

    private static Entry Grown(Entry entry) => new(entry.Number + 1, entry.Name + "!", [.. entry.Parts, 7]);

    private static int Noted(string log, int n)
    {
        File.AppendAllText($"{log}-{Environment.ProcessId}", $"{n}\n");
        return n;
    }

    private static int Hang()
    {
        new ManualResetEventSlim().Wait();
        return 0;
    }

    public sealed record Entry(int Number, string Name, List<int> Parts);

    public record Plain(int Number);

    public sealed record Special(int Number, string More) : Plain(Number);

    /// <summary>The thirteenth cannot be made in a worker.</summary>
    public sealed class PickyThere
    {
        public int Number { get; init => field = value == 13 && WorkerContext.Current is not null ? throw new FormatException("no 13 in the worker") : value; }
    }

    /// <summary>Nor this one here.</summary>
    public sealed class PickyHere
    {
        public int Number { get; init => field = value == 13 && WorkerContext.Current is null ? throw new FormatException("no 13 in the host") : value; }
    }

    /// <summary>Two of them end the worker that makes them.</summary>
    public sealed class Deadly
    {
        public int Number { get; init => field = value is 1_000 or 2_000 && WorkerContext.Current is not null ? End() : value; }

        private static int End()
        {
            Environment.FailFast("deadly");
            return 0;
        }
    }

    private sealed class Reports : IProgress<int>
    {
        private int count;

        public int Count => count;

        public void Report(int value) => Interlocked.Increment(ref count);
    }
}
