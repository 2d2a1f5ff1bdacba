using System.Collections.Immutable;
using System.Globalization;
using System.Numerics;

namespace Kernmantle.Contracts;

/// <summary>Which functions run, and what goes in and comes out.</summary>
public abstract partial class WorkerPoolContract
{
    private static int Twice(int n) => n * 2;

    private static T Same<T>(T value) => value;

    [Fact]
    public async Task Every_shape_of_function_runs()
    {
        await using WorkerPool pool = Create();
        int captured = 5;
        int Local(int n) => n + captured;
        Assert.Equal(42, await pool.RunAsync(static () => 42));
        Assert.Equal(42, await pool.RunAsync(static n => n + 1, 41));
        Assert.Equal(42, await pool.RunAsync(static (a, b) => a + b, 40, 2));
        Assert.Equal(42, await pool.RunAsync(n => n + captured, 37));
        Assert.Equal(42, await pool.RunAsync(Local, 37));
        Assert.Equal(42, await pool.RunAsync(Twice, 21));
        Assert.Equal("x", await pool.RunAsync(Same<string>, "x"));
        Assert.Equal(42, await pool.RunAsync(async n =>
        {
            await Task.Yield();
            return n + captured;
        }, 37));
        Assert.Equal(42, await pool.RunAsync(static (n, ct) => ct.CanBeCanceled ? n : 0, 42));
        await pool.RunAsync(static () => { });
        await pool.RunAsync(static async () => await Task.Yield());
        Assert.Equal(42, pool.Run(static n => n + 1, 41));
        pool.Run(static () => { });
    }

    private static int refusedRuns;   // of nobody, in any place: it stays 0

    private static ValueTask NothingSoon()
    {
        Interlocked.Increment(ref refusedRuns);
        return default;
    }

    private static ValueTask<int> Soon(int n)
    {
        Interlocked.Increment(ref refusedRuns);
        return new(n);
    }

    private static Task<int> Later(int n) => Soon(n).AsTask();

    [Fact]
    public async Task A_function_that_returns_a_value_task_is_refused_before_it_runs_with_the_remedy()
    {
        await using WorkerPool pool = Create();
        await using Remote<int[]> remote = await pool.CreateAsync(static () => new int[1]);
#pragma warning disable KM0001, KM0019 // A program that switches the rules off, or is not in C#, gets here.
        await Refused("ValueTask", () => pool.RunAsync(NothingSoon));
        await Refused("ValueTask<Int32>", () => pool.RunAsync(Soon, 1));
        await Refused("ValueTask<Int32>", () => pool.RunAsync(static async ValueTask<int> (int n, CancellationToken token) => await Soon(n).AsTask().WaitAsync(token), 1));
        await Refused("ValueTask<Int32>", () => remote.CallAsync(static n => Soon(n[0])));
        await Refused("ValueTask", () => Task.Run(() => pool.Run(NothingSoon).AsTask()));
        await Refused("ValueTask<Int32>", () => Task.Run(() => pool.Run(Soon, 1).AsTask()));
        await Refused("ValueTask<Int32>", () => pool.MapAsync(Soon, [1]).ToListAsync().AsTask());
        await Refused("ValueTask<Int32>", () => pool.MapUnorderedAsync(Soon, AsyncEnumerable.Range(0, 1)).ToListAsync().AsTask());
#pragma warning restore KM0001, KM0019
        Assert.Equal(0, refusedRuns);
        Assert.Equal((1, 0), (pool.Statistics.Completed, pool.Statistics.Failed));   // the one made the object
        Assert.Equal(1, await pool.RunAsync(static n => new ValueTask<int>(n).AsTask(), 1));
        Assert.Equal(1, await pool.RunAsync(static async n => await new ValueTask<int>(n), 1));
    }

    [Fact]
    public async Task A_task_that_would_be_the_value_of_a_function_is_refused_before_it_runs_with_the_remedy()
    {
        await using WorkerPool pool = Create();
#pragma warning disable KM0001, KM0019 // As above.
        await Refused("Task<Int32>", () => Task.Run(() => _ = pool.Run<int, Task<int>>(Later, 1)));
        await Refused("Task<Int32>", () => pool.RunAsync<int, Task<int>>(static n => Task.FromResult(Later(n)), 1));
#pragma warning restore KM0001, KM0019
        Assert.Equal((0, 0, 0), (refusedRuns, pool.Statistics.Completed, pool.Statistics.Failed));
    }

    private static async Task Refused(string type, Func<Task> call)
    {
        NotPortableException failure = await Assert.ThrowsAsync<NotPortableException>(call);
        Assert.Equal($"The result ({type})", failure.Subject);
        Assert.Contains(type.StartsWith("Value", StringComparison.Ordinal) ? $"return a {type["Value".Length..]}: call .AsTask()" : "RunAsync", failure.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_refuses_an_asynchronous_function_before_it_runs()
    {
        string trace = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        await using (WorkerPool pool = Create())
        {
#pragma warning disable KM0001 // A program that switches the rule off, or is not in C#, gets here.
            Refused(() => pool.Run(static file => File.WriteAllTextAsync(file, ""), trace));
            Refused(() => pool.Run(static async file => { await File.WriteAllTextAsync(file, ""); return 1; }, trace));
#pragma warning restore KM0001
            Assert.Equal(42, pool.Run(static n => n, 42));
        }
        Assert.False(File.Exists(trace));

        static void Refused(Func<object> run) =>
            Assert.Contains("RunAsync", Assert.Throws<NotPortableException>(run).Remedy, StringComparison.Ordinal);
    }

    public sealed record Point(int X, double Y);

    public sealed record Order(string Name, ImmutableArray<Point> Points, Dictionary<string, List<int?>> Lists, DayOfWeek Day, DateTimeOffset At, BigInteger Big, Point? None);

    public readonly record struct Pair<T>(T First, T Second);

    [Fact]
    public async Task Values_of_many_types_go_in_and_come_out()
    {
        await using WorkerPool pool = Create();
        var order = new Order("ä\ud800", [new(1, double.NaN)], new() { ["a"] = [1, null] }, DayOfWeek.Friday, new(2026, 1, 2, 3, 4, 5, TimeSpan.FromHours(9)), BigInteger.Pow(7, 300), null);
        Order back = await pool.RunAsync(static o => o, order);
        Assert.Equal((order.Name, order.Day, order.At, order.At.Offset, order.Big, order.None), (back.Name, back.Day, back.At, back.At.Offset, back.Big, back.None));
        Assert.Equal(order.Points, back.Points);
        Assert.Equal(order.Lists["a"], back.Lists["a"]);
        await Same(pool, (1, "two", 3.0, (byte?)null));
        await Same(pool, new Pair<Pair<string>>(new("a", "b"), new("c", "d")));
        await Same(pool, new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Unspecified));
        await Same(pool, Guid.NewGuid());
        await Same(pool, 1.5m);
        await Same(pool, (string?)null);
        Assert.Equal([new Point(1, 2)], await pool.RunAsync(static p => p, new[] { new Point(1, 2) }));
        Assert.Equal([new Pair<int>(1, 2)], await pool.RunAsync(static p => p, new Pair<int>[] { new(1, 2) }));
        Assert.Equal([1, 2, 3], (await pool.RunAsync(static m => m, new Memory<byte>([1, 2, 3]))).ToArray());
        Assert.Equal(["x"], await pool.RunAsync(static s => s, ImmutableHashSet.Create("x")));
    }

    private static async Task Same<T>(WorkerPool pool, T value)
    {
        T back = await pool.RunAsync(static v => v, value);
        Assert.Equal(value, back);
        if (value is DateTime time)
            Assert.Equal(time.Kind, ((DateTime)(object)back!).Kind);
    }

    [Fact]
    public async Task An_array_of_64_MiB_goes_in_and_comes_out()
    {
        await using WorkerPool pool = Create(1);
        byte[] bytes = new byte[64 << 20];
        new Random(1).NextBytes(bytes);
        byte[] back = await pool.RunAsync(static b => b, bytes);
        Assert.True(bytes.AsSpan().SequenceEqual(back));
    }

    [Fact]
    public async Task A_neighbours_capture_is_not_touched()
    {
        await using WorkerPool pool = Create();
        int number = 42;
        using var stream = new MemoryStream();
        Func<long> neighbour = () => stream.Length;
        Assert.Equal(42, await pool.RunAsync(() => number));
        Assert.Equal(0, neighbour());
    }

    [Fact]
    public async Task What_the_function_throws_arrives_as_data()
    {
        await using WorkerPool pool = Create();
        RemoteException failure = await Assert.ThrowsAsync<RemoteException>(() => pool.RunAsync(static n => Fail(n), 3));
        Assert.Equal("System.InvalidOperationException", failure.TypeName);
        Assert.Equal("outer 3", failure.Message);
        Assert.Contains(nameof(Fail), failure.RemoteStackTrace, StringComparison.Ordinal);
        var inner = Assert.IsType<RemoteException>(failure.InnerException);
        Assert.Equal(("System.FormatException", "inner"), (inner.TypeName, inner.Message));
        Assert.Equal(OtherProcess || Copies && failure.Original is null, failure.Original is null);
        Assert.Equal(1, await pool.RunAsync(static () => 1));
    }

    private static int Fail(int n)
    {
        try
        {
            throw new FormatException("inner");
        }
        catch (FormatException e)
        {
            throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"outer {n}"), e);
        }
    }

    [Fact]
    public async Task A_lambda_that_only_throws_needs_no_type_arguments()
    {
        await using WorkerPool pool = Create();
        await Assert.ThrowsAsync<RemoteException>(() => pool.RunAsync(n => throw new FormatException($"{n}"), 1));
    }

    [Fact]
    public async Task Reports_of_progress_arrive_in_order_and_before_the_result()
    {
        await using WorkerPool pool = Create();
        var seen = new List<int>();
        IProgress<int> progress = new Sink(seen);
        await pool.RunAsync(
            static p =>
            {
                for (int i = 0; i < 100; i++)
                    p.Report(i);
            },
            progress);
        Assert.Equal(Enumerable.Range(0, 100), seen);
    }

    private sealed class Sink(List<int> seen) : IProgress<int>
    {
        public void Report(int value) => seen.Add(value);
    }

    [Fact]
    public async Task The_context_tells_worker_and_attempt()
    {
        await using WorkerPool pool = Create(1);
        (string name, int attempt) = await pool.RunAsync(static () => (WorkerContext.Current!.Name, WorkerContext.Current.Attempt));
        Assert.StartsWith("pool-", name, StringComparison.Ordinal);
        Assert.Equal(1, attempt);
        Assert.Null(WorkerContext.Current);
    }

    [Fact]
    public async Task The_initializer_runs_before_the_first_call_of_each_worker()
    {
        string name = $"kernmantle.initialized.{Guid.NewGuid()}";   // this process may be the worker of another kind's test
        Action initialize = () => AppContext.SetData(name, "yes");
        await using WorkerPool pool = Create(2, new() { OnWorkerStart = initialize });
        for (int i = 0; i < 8; i++)
            Assert.Equal("yes", await pool.RunAsync(static n => AppContext.GetData(n) as string, name));
    }
}
