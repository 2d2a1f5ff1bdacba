using Kernmantle.Contracts;
using Xunit;

namespace Kernmantle.Tests.Pools;

/// <summary>Items that lie in memory which host and worker share are still calls, each with its own fate.</summary>
public sealed class SliceTests : IDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(3);

    private readonly string folder = Directory.CreateTempSubdirectory("kernmantle-slice").FullName;

    private static WorkerPool Pool(int workers = 1, TimeSpan? killGrace = null) =>
        WorkerPool.Processes(workers, new() { Transport = WorkerTransport.SharedMemory, KillGrace = killGrace ?? TimeSpan.FromSeconds(1) });

    public void Dispose() => Directory.Delete(folder, recursive: true);

    /// <summary>Until its workers mark items by plain stores, and slices are as long as they get.</summary>
    private static async Task WarmAsync(WorkerPool pool)
    {
        for (int i = 0; i < 10; i++)
            await pool.MapToArrayAsync(Guarded, Inputs(200_000)).WaitAsync(Bound);
    }

    private static (int Number, int Fatal)[] Inputs(int count, params int[] fatal)
    {
        var inputs = new (int, int)[count];
        for (int i = 0; i < count; i++)
            inputs[i] = (i, Array.IndexOf(fatal, i) >= 0 ? 1 : 0);
        return inputs;
    }

    private static long Guarded((int Number, int Fatal) item) => item.Fatal == 0 ? item.Number * 3L : End();

    private static long End()
    {
        Environment.FailFast("fatal item");
        return 0;
    }

    private static long Kill((int Number, int Fatal) item)
    {
        if (item.Fatal == 0)
            return item.Number * 3L;
        using var self = System.Diagnostics.Process.GetCurrentProcess();
        self.Kill();
        new ManualResetEventSlim().Wait();
        return 0;
    }

    [Theory]
    [Repeated]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_crash_loses_the_item_that_was_begun_and_no_other(bool kills)
    {
        await using WorkerPool pool = Pool(2);
        await WarmAsync(pool);
        int[] fatal = [0, 70_000, 70_001, 199_999];
        (int Number, int Fatal)[] inputs = Inputs(200_000, fatal);
        MapFailedException failure = await Assert.ThrowsAsync<MapFailedException>(() => pool.MapToArrayAsync<(int Number, int Fatal), long>(kills ? Kill : Guarded, inputs)).WaitAsync(Bound);
        Assert.Equal(fatal.Select(static f => (long)f), failure.Failures.Select(static f => f.Index));
        Assert.All(failure.Failures, static f => Assert.IsType<WorkerCrashedException>(f.Failure));
        long[] results = failure.GetResults<long>();
        Assert.All(inputs, item => Assert.Equal(item.Fatal == 0 ? item.Number * 3L : 0, results[item.Number]));
        Assert.Equal(fatal.Length, pool.Statistics.Failed);
    }

    [Fact]
    public async Task No_item_runs_twice_whatever_ends_its_worker()
    {
        await using WorkerPool pool = Pool(2);
        await WarmAsync(pool);
        string path = folder;
        (int Number, int Fatal)[] inputs = Inputs(3000, 1000, 1001, 2500);
        MapFailedException failure = await Assert.ThrowsAsync<MapFailedException>(() => pool.ForEachAsync(item => Note(path, item), inputs)).WaitAsync(Bound);
        Assert.Equal([1000, 1001, 2500], failure.Failures.Select(static f => f.Index));
        string[] begun = [.. Directory.GetFiles(folder).SelectMany(File.ReadAllLines)];
        Assert.Equal(Enumerable.Range(0, 3000), begun.Select(int.Parse).Order());
    }

    private static void Note(string path, (int Number, int Fatal) item)
    {
        File.AppendAllText(Path.Combine(path, $"{Environment.ProcessId}"), $"{item.Number}\n");
        if (item.Fatal != 0)
            Environment.FailFast("fatal item");
    }

    [Fact]
    public async Task An_item_that_takes_too_long_fails_alone()
    {
        await using WorkerPool pool = Pool(2);
        await WarmAsync(pool);
        CallInvoker timed = pool.With(new() { Timeout = TimeSpan.FromMilliseconds(500) });
        MapFailedException failure = await Assert.ThrowsAsync<MapFailedException>(() => timed.MapToArrayAsync(static n => n == 7777 ? Hang() : n % 1000 == 1 ? throw new FormatException($"no {n}") : n + 1, Enumerable.Range(0, 20_000).ToArray())).WaitAsync(Bound);
        Assert.Equal([.. Enumerable.Range(0, 20).Select(static i => (i * 1000L) + 1).Append(7777).Order()], failure.Failures.Select(static f => f.Index));
        Assert.IsType<CallTimeoutException>(failure.Failures.Single(static f => f.Index == 7777).Failure);
        Assert.All(failure.Failures.Where(static f => f.Index != 7777), static f => Assert.Equal($"no {f.Index}", Assert.IsType<RemoteException>(f.Failure).Message));
        Assert.All(Enumerable.Range(0, 20_000), i => Assert.Equal(failure.HasResult(i) ? i + 1 : 0, failure.GetResults<int>()[i]));
    }

    [Fact]
    public async Task A_stuck_item_holds_up_no_other()
    {
        await using WorkerPool pool = Pool(2, TimeSpan.Zero);
        await WarmAsync(pool);
        string gate = Path.Combine(folder, "gate");
        Task<int[]> map = pool.MapToArrayAsync(n => n == 40_000 ? Wait(gate) : n == 60_000 ? Open(gate) : n, Enumerable.Range(0, 60_001).ToArray());
        int[] results = await map.WaitAsync(Bound);
        Assert.Equal(Enumerable.Range(0, 60_001).Select(static n => n == 40_000 ? -1 : n), results);
    }

    [Fact]
    public async Task Work_is_taken_from_a_worker_whose_items_take_longer_than_was_expected()
    {
        await using WorkerPool pool = Pool(2);
        await WarmAsync(pool);
        string gate = Path.Combine(folder, "both");
        // The later half of one slice waits until another worker runs a part of it.
        int[] inputs = [.. Enumerable.Range(0, 60_000)];
        int[] results = await pool.MapToArrayAsync(n => n < 100 ? 0 : Meet(gate), inputs).WaitAsync(Bound);
        Assert.Equal(2, results.Where(static r => r != 0).Distinct().Count());
    }

    /// <summary>Returns its process, but not before another process was here.</summary>
    private static int Meet(string gate)
    {
        int own = Environment.ProcessId;
        if (met)
            return own;
        File.WriteAllText($"{gate}-{own}", "");
        while (Directory.GetFiles(Path.GetDirectoryName(gate)!).Length < 2)
            Thread.Yield();
        met = true;
        return own;
    }

    private static bool met;

    private static int Wait(string gate)
    {
        while (!File.Exists(gate))
            Thread.Yield();
        return -1;
    }

    private static int Open(string gate)
    {
        File.WriteAllText(gate, "");
        return 60_000;
    }

    [Fact]
    [Repeated]
    public async Task A_map_that_is_cancelled_in_the_middle_leaves_nothing_running()
    {
        await using WorkerPool pool = Pool(2);
        await WarmAsync(pool);
        for (int i = 0; i < 20; i++)
        {
            using var cancel = new CancellationTokenSource();
            CallInvoker telling = pool.With(new() { MapProgress = new Cancelling(cancel) });
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
            {
                int pulled = 0;
                await telling.MapToArrayAsync(static n => n + 1, Enumerable.Range(0, 100_000_000).Select(n =>
                {
                    if (++pulled == 150_000)
                        cancel.Cancel();
                    return n;
                }), cancel.Token);
            }).WaitAsync(Bound);
            Assert.True(SpinWait.SpinUntil(() => pool.Statistics is { Running: 0, Queued: 0 }, Bound));
            Assert.Equal(i, await pool.RunAsync(static n => n, i).WaitAsync(Bound));
        }
    }

    private sealed class Cancelling(CancellationTokenSource cancel) : IProgress<MapProgress>
    {
        public void Report(MapProgress value)
        {
            if (cancel.IsCancellationRequested)
                throw new InvalidOperationException("told after the end");
        }
    }

    [Fact]
    public async Task What_one_item_does_to_a_captured_variable_the_next_does_not_see()
    {
        await using WorkerPool pool = Pool(1);
        int calls = 0, added = 5;
        var struck = new Counter();
        Assert.All(await pool.MapToArrayAsync(n => ++calls, Enumerable.Range(0, 1000).ToArray()).WaitAsync(Bound), static c => Assert.Equal(1, c));
        Assert.All(await pool.MapToArrayAsync(n => struck.Next(), Enumerable.Range(0, 1000).ToArray()).WaitAsync(Bound), static c => Assert.Equal(1, c));
        Assert.Equal(Enumerable.Range(5, 1000), await pool.MapToArrayAsync(n => n + added, Enumerable.Range(0, 1000).ToArray()).WaitAsync(Bound));
        Assert.Equal(0, calls);
    }

    private struct Counter
    {
        private int count;

        public int Next() => ++count;
    }

    [Fact]
    public async Task Items_of_every_size_keep_their_bits()
    {
        await using WorkerPool pool = Pool(2);
        byte[] bytes = [.. Enumerable.Range(0, 70_000).Select(static n => (byte)(n * 7))];
        Assert.Equal(bytes.Select(static b => (byte)~b), await pool.MapToArrayAsync(static b => (byte)~b, bytes).WaitAsync(Bound));
        decimal[] large = [.. Enumerable.Range(0, 50_000).Select(static n => n / 8m)];
        Assert.Equal(large.Select(static d => (d, d > 100m)), await pool.MapToArrayAsync(static d => (d, d > 100m), large).WaitAsync(Bound));
        var huge = new Huge[3];
        huge[2].Values[11] = 12;
        Assert.Equal(new[] { 0, 0, 12 }, await pool.MapToArrayAsync(static h => (int)h.Values[11], huge).WaitAsync(Bound));
    }

    private struct Huge
    {
        public Run Values;

        [System.Runtime.CompilerServices.InlineArray(60_000)]
        public struct Run
        {
            private byte first;
        }
    }

    private static int Hang()
    {
        new ManualResetEventSlim().Wait();
        return 0;
    }
}
