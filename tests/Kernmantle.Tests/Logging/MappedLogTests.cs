using System.Diagnostics;

namespace Kernmantle.Tests.Logging;

/// <summary>Answers to the items of a map go into a record that stays open; what an item writes to the log comes behind it.</summary>
public sealed class MappedLogTests : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    private const int Special = 3_333;

    private readonly string gate = Path.Combine(Path.GetTempPath(), $"kernmantle-gate-{Guid.NewGuid():N}");
    private readonly ListFactory log = new();

    public void Dispose()
    {
        log.Dispose();
        File.Delete(gate);
    }

    private WorkerPool Pool() => WorkerPool.Processes(1, new() { Transport = WorkerTransport.SharedMemory, LoggerFactory = log, Evidence = null });

    [Theory]
    [InlineData("the item itself")]
    [InlineData("what the item awaits")]
    public async Task A_line_of_an_item_that_takes_long_is_seen_while_it_runs(string writer)
    {
        await using WorkerPool pool = Pool();
        string path = gate;
        Task<int[]> map = writer == "the item itself"
            ? SumAsync(pool.MapAsync(n => n == Special ? WriteAndWait(n, path) : n, Enumerable.Range(0, 5_000)))
            : SumAsync(pool.MapAsync(n => n == Special ? WriteAndWaitAsync(n, path) : Task.FromResult(n), Enumerable.Range(0, 5_000)));
        await log.FindAsync(static e => e.Message == "it takes long").WaitAsync(Deadline);
        Assert.False(map.IsCompleted);
        await File.WriteAllTextAsync(path, "");
        Assert.Equal(Enumerable.Range(0, 5_000), await map.WaitAsync(Deadline));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_last_line_of_an_item_whose_worker_dies_arrives_and_is_in_the_failure(bool onAnotherThread)
    {
        await using WorkerPool pool = Pool();
        WorkerCrashedException? crash = null;
        await foreach (MapResult<int, int> result in pool.MapAsync(n => n == Special ? WriteAndDie(onAnotherThread) : n, Enumerable.Range(0, 5_000)).WithCancellation(TestContext.Current.CancellationToken))
        {
            if (result.IsSuccess)
                Assert.Equal(result.Input, result.Value);
            else
                crash = Assert.IsType<WorkerCrashedException>(result.Failure);
        }
        Assert.Contains("its last words", crash!.LastLogLines);
        await log.FindAsync(static e => e.Message == "its last words").WaitAsync(Deadline);
    }

    private static async Task<int[]> SumAsync(IAsyncEnumerable<MapResult<int, int>> results)
    {
        var all = new List<int>();
        await foreach (MapResult<int, int> result in results)
            all.Add(result.Value);
        return [.. all];
    }

    private static int WriteAndWait(int n, string gate)
    {
        Console.WriteLine("it takes long");
        var spin = new SpinWait();
        while (!File.Exists(gate))
            spin.SpinOnce(sleep1Threshold: -1);
        return n;
    }

    private static async Task<int> WriteAndWaitAsync(int n, string gate)
    {
        await Task.Yield();
        Console.WriteLine("it takes long");
        while (!File.Exists(gate))
            await Task.Delay(1);
        return n;
    }

    private static int WriteAndDie(bool onAnotherThread)
    {
        if (onAnotherThread)
        {
            var other = new Thread(static () => Console.WriteLine("its last words"));
            other.Start();
            other.Join();
        }
        else
        {
            Console.WriteLine("its last words");
        }
        Process.GetCurrentProcess().Kill();
        return 0;
    }
}
