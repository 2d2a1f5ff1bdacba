using System.Collections.Concurrent;

namespace Kernmantle.Contracts;

/// <summary>Maps whose results come as one array.</summary>
public abstract partial class WorkerPoolContract
{
    public sealed record Parcel(int Number, string Name);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3000)]
    public async Task Results_come_as_one_array_in_the_order_of_the_inputs(int count)
    {
        await using WorkerPool pool = Create(2);
        int[] inputs = [.. Enumerable.Range(0, count)];
        long[] expected = [.. inputs.Select(static n => (long)n * n)];
        Assert.Equal(expected, await pool.MapToArrayAsync(static n => (long)n * n, inputs).WaitAsync(Deadline));
        Assert.Equal(expected, await pool.MapToArrayAsync(static n => (long)n * n, new List<int>(inputs)).WaitAsync(Deadline));
        Assert.Equal(expected, await pool.MapToArrayAsync(static n => (long)n * n, inputs.Select(static n => n)).WaitAsync(Deadline));
        Assert.Equal(expected, await pool.MapToArrayAsync(static n => (long)n * n, (ReadOnlyMemory<int>)inputs).WaitAsync(Deadline));
        Assert.Equal(expected, await pool.MapToArrayAsync(static async n =>
        {
            await Task.Yield();
            return (long)n * n;
        }, inputs).WaitAsync(Deadline));
        Assert.Equal(expected, await pool.MapToArrayAsync(static (int n, CancellationToken token) => token.IsCancellationRequested ? -1 : (long)n * n, inputs).WaitAsync(Deadline));
    }

    [Fact]
    public async Task Results_that_are_objects_come_as_one_array_too()
    {
        await using WorkerPool pool = Create(2);
        int add = 7;
        Parcel[] inputs = [.. Enumerable.Range(0, 2000).Select(static n => new Parcel(n, $"parcel {n}"))];
        Parcel[] results = await pool.MapToArrayAsync(parcel => parcel with { Number = parcel.Number + add }, inputs).WaitAsync(Deadline);
        Assert.Equal(inputs.Select(static p => p with { Number = p.Number + 7 }), results);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Failures_of_a_map_are_collected_beside_the_results_that_are_there(bool bits)
    {
        await using WorkerPool pool = Create(2);
        int[] inputs = [.. Enumerable.Range(0, 1000)];
        MapFailedException failure = await Assert.ThrowsAsync<MapFailedException>(() => bits
            ? pool.MapToArrayAsync(static n => n % 100 == 99 ? throw new FormatException($"no {n}") : n + 1, inputs)
            : pool.MapToArrayAsync(static n => n % 100 == 99 ? throw new FormatException($"no {n}") : $"{n + 1}", inputs)).WaitAsync(Deadline);
        Assert.Equal(Enumerable.Range(0, 10).Select(static i => (i * 100) + 99L), failure.Failures.Select(static f => f.Index));
        Assert.All(failure.Failures, static f => Assert.Equal($"no {f.Index}", Assert.IsType<RemoteException>(f.Failure).Message));
        Assert.Same(failure.Failures[0].Failure, failure.InnerException);
        for (int i = 0; i < inputs.Length; i++)
        {
            Assert.Equal(i % 100 != 99, failure.HasResult(i));
            if (bits)
                Assert.Equal(i % 100 == 99 ? 0 : i + 1, failure.GetResults<int>()[i]);
            else
                Assert.Equal(i % 100 == 99 ? null : $"{i + 1}", failure.GetResults<string>()[i]);
        }
        Assert.Equal(1, await pool.RunAsync(static () => 1).WaitAsync(Deadline));
    }

    [Fact]
    public async Task A_map_that_is_to_stop_at_its_first_failure_begins_nothing_more()
    {
        await using WorkerPool pool = Create(2);
        CallInvoker strict = pool.With(new() { StopAtFirstFailure = true });
        int[] inputs = [.. Enumerable.Range(0, 1_000_000)];
        MapFailedException failure = await Assert.ThrowsAsync<MapFailedException>(() => strict.MapToArrayAsync(static n => n >= 500 ? throw new FormatException($"no {n}") : n + 1, inputs)).WaitAsync(Deadline);
        Assert.InRange(failure.Failures.Count, 1, 999_000);
        Assert.All(failure.Failures, static f => Assert.InRange(f.Index, 500, 999_999));
        int[] results = failure.GetResults<int>();
        Assert.Equal(inputs.Length, results.Length);
        Assert.All(Enumerable.Range(0, 1000), i => Assert.Equal(failure.HasResult(i) ? i + 1 : 0, results[i]));
        Assert.False(failure.HasResult(999_999));
        Assert.Equal(1, await pool.RunAsync(static () => 1).WaitAsync(Deadline));
    }

    /// <summary>Whose own code says that it was cancelled, be it where it is read to be sent, although the map was not.</summary>
    public sealed class Unwilling
    {
        public int Number { get => field == 3 ? throw new OperationCanceledException("not this one") : field; init; }
    }

    [Fact]
    public async Task An_item_that_says_it_was_cancelled_stops_a_map_as_a_failure()
    {
        await using WorkerPool pool = Create(2);
        CallInvoker strict = pool.With(new() { StopAtFirstFailure = true });
        Unwilling[] inputs = [.. Enumerable.Range(0, 10).Select(static n => new Unwilling { Number = n })];
        MapFailedException failure = await Assert.ThrowsAsync<MapFailedException>(() => strict.MapToArrayAsync(static u => u.Number, inputs)).WaitAsync(Deadline);
        Assert.Equal(3, Assert.Single(failure.Failures).Index);
        Assert.Equal(1, await pool.RunAsync(static () => 1).WaitAsync(Deadline));
    }

    [Fact]
    public async Task For_each_runs_every_item_once_and_collects_failures()
    {
        await using WorkerPool pool = Create(2);
        using var gate = new FileGate();
        string path = gate.Path;
        await pool.ForEachAsync(n => Leave(path, n), Enumerable.Range(0, 200)).WaitAsync(Deadline);
        await pool.ForEachAsync(async n =>
        {
            await Task.Yield();
            Leave(path, n);
        }, new[] { 200, 201 }).WaitAsync(Deadline);
        string[] left = [.. Directory.GetFiles(Path.GetDirectoryName(path)!, Path.GetFileName(path) + "-*").SelectMany(File.ReadAllLines)];
        Array.ForEach(Directory.GetFiles(Path.GetDirectoryName(path)!, Path.GetFileName(path) + "-*"), File.Delete);
        Assert.Equal(Enumerable.Range(0, 202), left.Select(int.Parse).Order());
        MapFailedException failure = await Assert.ThrowsAsync<MapFailedException>(() => pool.ForEachAsync(static n =>
        {
            if (n == 17)
                throw new FormatException("no 17");
        }, Enumerable.Range(0, 100))).WaitAsync(Deadline);
        Assert.Equal(17, Assert.Single(failure.Failures).Index);

        static void Leave(string path, int n) => File.AppendAllText($"{path}-{Environment.ProcessId}-{Environment.CurrentManagedThreadId}", $"{n}\n");
    }

    [Fact]
    public async Task A_map_to_an_array_ends_with_its_token()
    {
        await using WorkerPool pool = Create(2);
        using var cancel = new CancellationTokenSource();
        static IEnumerable<int> Cancelling(CancellationTokenSource cancel)
        {
            for (int i = 0; ; i++)
            {
                if (i == 1000)
                    cancel.Cancel();
                yield return i;
            }
        }

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pool.MapToArrayAsync(static n => n, Cancelling(cancel), cancel.Token)).WaitAsync(Deadline);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pool.MapToArrayAsync(static n => n, new[] { 1 }, new CancellationToken(canceled: true))).WaitAsync(Deadline);
        Assert.Equal(1, await pool.RunAsync(static () => 1).WaitAsync(Deadline));
    }

    [Fact]
    public async Task A_source_of_inputs_that_throws_fails_the_map()
    {
        await using WorkerPool pool = Create(2);
        static IEnumerable<int> Broken()
        {
            yield return 1;
            throw new FormatException("source");
        }

        Assert.Equal("source", (await Assert.ThrowsAsync<FormatException>(() => pool.MapToArrayAsync(static n => n, Broken())).WaitAsync(Deadline)).Message);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Maps_tell_how_far_they_are(bool array)
    {
        await using WorkerPool pool = Create(2);
        var told = new ConcurrentQueue<MapProgress>();
        CallInvoker telling = pool.With(new() { MapProgress = new ProgressSink(told.Enqueue) });
        int[] inputs = [.. Enumerable.Range(0, 500)];
        if (array)
        {
            await Assert.ThrowsAsync<MapFailedException>(() => telling.MapToArrayAsync(static n => n == 3 ? throw new FormatException() : n, inputs)).WaitAsync(Deadline);
        }
        else
        {
            await foreach (MapResult<int, int> _ in telling.MapAsync(static n => n == 3 ? throw new FormatException() : n, inputs))
            {
            }
        }
        MapProgress last = told.Last();
        Assert.Equal((500, 1, 500L), (last.Done, last.Failed, last.Total));
        Assert.Equal(TimeSpan.Zero, last.TimeLeft);
        Assert.True(last.Rate > 0);
        Assert.Equal(told.Order(Comparer<MapProgress>.Create(static (a, b) => a.Done.CompareTo(b.Done))), told);
    }

    private sealed class ProgressSink(Action<MapProgress> tell) : IProgress<MapProgress>
    {
        public void Report(MapProgress value) => tell(value);
    }
}
