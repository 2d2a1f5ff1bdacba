using System.Collections.Concurrent;
using Xunit;

namespace Kernmantle.Tests.Pools;

/// <summary>Frames of many items change nothing that can be seen of one.</summary>
public sealed class BatchTests : IDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(3);

    private readonly string folder = Directory.CreateTempSubdirectory("kernmantle-batch").FullName;

    private static WorkerPool Pool(int workers = 1, TimeSpan? killGrace = null) =>
        WorkerPool.Processes(workers, new() { Transport = WorkerTransport.SharedMemory, KillGrace = killGrace ?? TimeSpan.FromSeconds(1) });

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Every_item_arrives_once_with_its_own_result(bool ordered)
    {
        await using WorkerPool pool = Pool(2);
        const int Items = 200_000;
        var seen = new bool[Items];
        long index = 0;
        IEnumerable<int> inputs = Enumerable.Range(0, Items);
        await foreach (MapResult<int, string> result in ordered ? pool.MapAsync(Text, inputs) : pool.MapUnorderedAsync(Text, inputs))
        {
            Assert.Equal(result.Input, result.Index);
            Assert.Equal(Text(result.Input), result.Value);
            Assert.False(seen[result.Input]);
            seen[result.Input] = true;
            if (ordered)
                Assert.Equal(index++, result.Index);
        }
        Assert.DoesNotContain(false, seen);
        Assert.Equal(Items, pool.Statistics.Completed);
    }

    [Fact]
    public async Task A_failing_item_fails_alone()
    {
        await using WorkerPool pool = Pool(2);
        int failed = 0;
        await foreach (MapResult<int, int> result in pool.MapAsync(static n => n % 1000 == 999 ? throw new FormatException($"no {n}") : n, Enumerable.Range(0, 50_000)))
        {
            if (result.Input % 1000 == 999)
            {
                var failure = Assert.IsType<RemoteException>(result.Failure);
                Assert.Contains($"no {result.Input}", failure.Message, StringComparison.Ordinal);
                failed++;
            }
            else
            {
                Assert.Equal(result.Input, result.Value);
            }
        }
        Assert.Equal(50, failed);
        Assert.Equal((49_950, 50), (pool.Statistics.Completed, pool.Statistics.Failed));
    }

    [Fact]
    public async Task A_crash_loses_the_item_that_was_begun_and_no_other_and_none_runs_twice()
    {
        await using WorkerPool pool = Pool(2);
        string log = Path.Combine(folder, "log");
        int lost = 0;
        await foreach (MapResult<string, int> result in pool.MapUnorderedAsync(Note, Enumerable.Range(0, 30_000).Select(n => $"{log} {n}")))
        {
            if (IsFatal(result.Index))
            {
                Assert.IsType<WorkerCrashedException>(result.Failure);
                lost++;
            }
            else
            {
                Assert.Equal(result.Index, result.Value);
            }
        }
        Assert.Equal(3, lost);
        string[] begun = [.. Directory.GetFiles(folder).SelectMany(File.ReadAllLines)];
        Assert.Equal(30_000, begun.Length);
        Assert.Equal(30_000, begun.Distinct().Count());
    }

    [Fact]
    public async Task Results_of_items_before_a_stuck_one_do_not_wait_for_it_and_what_is_behind_it_goes_elsewhere()
    {
        await using WorkerPool pool = Pool(2, TimeSpan.Zero);
        using var stop = new CancellationTokenSource(Bound);
        var arrived = new ConcurrentDictionary<int, bool>();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (MapResult<int, int> result in pool.MapUnorderedAsync(static n => n == 40_000 ? Hang() : n, Enumerable.Range(0, 60_000), cancellationToken: stop.Token))
            {
                arrived[result.Input] = true;
                if (arrived.Count == 59_999)
                    await stop.CancelAsync();
            }
        });
        Assert.False(arrived.ContainsKey(40_000));
        Assert.Equal(59_999, arrived.Count);
        Assert.Equal(1, await pool.RunAsync(static () => 1).WaitAsync(Bound));
    }

    [Fact]
    [Repeated]
    public async Task A_cancelled_map_ends_what_was_split_off_from_a_frame_that_has_ended_since()
    {
        await using WorkerPool pool = Pool(3, TimeSpan.Zero);
        using var stop = new CancellationTokenSource(Bound);
        string gate = Path.Combine(Path.GetTempPath(), $"kernmantle-gate-{Guid.NewGuid():N}");
        int arrived = 0;
        try
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
            {
                await foreach (MapResult<int, int> result in pool.MapUnorderedAsync(n => n == 10_000 ? Wait(gate) : n == 10_001 ? Hang() : n, Enumerable.Range(0, 20_000), cancellationToken: stop.Token))
                {
                    Assert.True(result.IsSuccess);
                    if (++arrived == 19_998)
                        await File.WriteAllTextAsync(gate, "");   // what is left: the first of the two, which ends the frame it came in, and the one that was split off from that
                    else if (arrived == 19_999)
                        await stop.CancelAsync();
                }
            }).WaitAsync(Bound);
            Assert.Equal(19_999, arrived);
            Assert.Equal(1, await pool.RunAsync(static () => 1).WaitAsync(Bound));
        }
        finally
        {
            File.Delete(gate);
        }
    }

    private static int Wait(string gate)
    {
        while (!File.Exists(gate))
            Thread.Yield();
        return 0;
    }

    /// <summary>When an item is cancelled another thread of its worker takes what the host has written: also that calls may begin again, while the items are amid their frame.</summary>
    [Fact]
    [Repeated]
    public async Task What_went_elsewhere_does_not_begin_here_whoever_hears_that_calls_may_begin_again()
    {
        const int Items = 4000;
        await using WorkerPool pool = Pool(2, killGrace: TimeSpan.FromSeconds(30));
        using var stop = new CancellationTokenSource(Bound);
        string log = Path.Combine(folder, "log");
        int arrived = 0;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (MapResult<string, int> result in pool.MapUnorderedAsync(NoteAndWaitForTheEnd, Enumerable.Range(0, Items).Select(n => $"{log} {n}"), cancellationToken: stop.Token))
            {
                Assert.Equal(result.Index, result.Value);
                if (++arrived == Items - 1)
                    await stop.CancelAsync();   // all but the one that waits: what was behind it has been elsewhere
            }
        });
        Assert.Equal(Items - 1, arrived);
        await pool.DisposeAsync();
        string[] begun = [.. Directory.GetFiles(folder).SelectMany(File.ReadAllLines)];
        Assert.Equal(Items, begun.Distinct().Count());
        Assert.Equal(Items, begun.Length);
    }

    private static int NoteAndWaitForTheEnd(string what)
    {
        int n = Note(what);
        if (n == 2000)
            WorkerContext.Current!.StoppingToken.WaitHandle.WaitOne();
        return n;
    }

    [Fact]
    public async Task Tiny_calls_behind_one_that_turns_out_long_go_elsewhere()
    {
        await using WorkerPool pool = Pool(2, TimeSpan.Zero);
        for (int i = 0; i < 2000; i++)
            await pool.RunAsync(MaybeHang, 0);
        Task<int>[] tiny = [.. Enumerable.Range(0, 50).Select(_ => pool.RunAsync(MaybeHang, 0))];
        Task<int> stuck = pool.RunAsync(MaybeHang, 1);
        Task<int>[] behind = [.. Enumerable.Range(0, 200).Select(_ => pool.RunAsync(MaybeHang, 0))];
        await Task.WhenAll(tiny).WaitAsync(Bound);
        await Task.WhenAll(behind).WaitAsync(Bound);
        Assert.False(stuck.IsCompleted);
        await pool.KillAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => stuck);
    }

    [Fact]
    public async Task A_map_that_is_left_early_leaves_nothing_running()
    {
        await using WorkerPool pool = Pool(2);
        await foreach (MapResult<int, int> result in pool.MapAsync(static n => n + 1, Enumerable.Range(0, int.MaxValue)))
        {
            if (result.Index == 100_000)
                break;
        }
        // The last answer reaches the map before the pool has entered it in its books.
        Assert.True(SpinWait.SpinUntil(() => pool.Statistics is { Running: 0, Queued: 0 }, TimeSpan.FromSeconds(60)));
    }

    private static string Text(int n) => $"<{n}>";

    private static bool IsFatal(long n) => n is 7_000 or 7_001 or 23_456;

    private static int Note(string what)
    {
        string[] parts = what.Split(' ');
        int n = int.Parse(parts[1], System.Globalization.CultureInfo.InvariantCulture);
        File.AppendAllText($"{parts[0]}-{Environment.ProcessId}", $"{n}\n");
        if (IsFatal(n))
            Environment.FailFast("fatal item");
        return n;
    }

    private static int MaybeHang(int hang) => hang == 0 ? 0 : Hang();

    private static int Hang()
    {
        new ManualResetEventSlim().Wait();
        return 0;
    }
}
