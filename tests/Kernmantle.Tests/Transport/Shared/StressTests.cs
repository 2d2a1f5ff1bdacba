using System.Collections.Concurrent;
using System.Diagnostics;
using Kernmantle.Tests.Pools;

namespace Kernmantle.Tests.Transport.SharedMemory;

/// <summary>Every kind of call at once, while workers are killed: each ends once, with its result or a typed failure.</summary>
[Collection(typeof(Alone))]
public sealed class StressTests
{
    private const int Callers = 8;
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(Repetitions.Of(quick: 3, atLength: 10)), Bound = TimeSpan.FromMinutes(3);

    private readonly int seed = Environment.TickCount & int.MaxValue;
    private readonly ConcurrentDictionary<string, int> outcomes = new();
    private readonly string[] doing = new string[Callers];
    private int kills;

    [Fact]
    [Repeated]
    public async Task Calls_end_as_they_must_while_workers_are_killed()
    {
        WorkerPool pool = WorkerPool.Processes(2, new ProcessPoolOptions { Transport = WorkerTransport.SharedMemory, RestartLimit = int.MaxValue });
        using var end = new CancellationTokenSource();
        Task[] callers = [.. Enumerable.Range(0, Callers).Select(n => Task.Factory.StartNew(() => Call(pool, n, end.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default))];
        Task killing = KillAsync(pool, end.Token);
        try
        {
            await LastAsync();
            await end.CancelAsync();
            await Task.WhenAll([.. callers, killing]).WaitAsync(Bound);
            Assert.Equal(3, await pool.RunAsync(static (int a, int b) => a + b, 1, 2).WaitAsync(Bound));
            Assert.Equal(0, pool.Statistics.Running + pool.Statistics.Queued);
            await pool.DisposeAsync().AsTask().WaitAsync(Bound);
        }
        catch (TimeoutException)
        {
            Assert.Fail($"seed {seed}, {kills} kills, {pool.Statistics}: a call does not end: {string.Join("; ", doing)}");
        }
        string text = $"seed {seed}, {kills} kills: {string.Join(", ", outcomes.OrderBy(static o => o.Key).Select(static o => $"{o.Key} {o.Value}"))}";
        TestContext.Current.TestOutputHelper!.WriteLine(text);
        Assert.True(HasSeenEnough, text);
        Assert.DoesNotContain(outcomes.Keys, static k => k.StartsWith("wrong", StringComparison.Ordinal));
    }

    private bool HasSeenEnough => outcomes.GetValueOrDefault("result") > 50 && Volatile.Read(ref kills) > 3;

    /// <summary>For a while, and on a machine that is slow until there was something to be seen.</summary>
    private async Task LastAsync()
    {
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        for (long started = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(started) < (HasSeenEnough ? Duration : Bound);)
            await tick.WaitForNextTickAsync(CancellationToken.None);
    }

    private void Call(WorkerPool pool, int number, CancellationToken end)
    {
        var random = new Random(HashCode.Combine(seed, number));
        while (!end.IsCancellationRequested)
        {
            int kind = random.Next(40), a = random.Next(1000);
            doing[number] = $"kind {kind}";
            Count(kind, () => Call(pool, kind, a, random));
        }
        doing[number] = "done";
    }

    private static bool Call(WorkerPool pool, int kind, int a, Random random)
    {
        switch (kind)
        {
            case < 15:
                return pool.Run(static (int a, int b) => a + b, a, 1) == a + 1;
            case < 30:
                return pool.RunAsync(static (int a, int b) => a + b, a, 2).GetAwaiter().GetResult() == a + 2;
            case < 34:
                int[] many = Task.WhenAll(Enumerable.Range(0, 50).Select(i => pool.RunAsync(static (int a) => a * 2, a + i))).GetAwaiter().GetResult();
                return many.SequenceEqual(Enumerable.Range(a, 50).Select(static a => a * 2));
            case < 36:
                byte[] large = new byte[1 << 20];
                random.NextBytes(large);
                byte[] echo = pool.Run(static (byte[] bytes) => bytes, large);
                return echo.AsSpan().SequenceEqual(large) ? true : throw new InvalidDataException($"{echo.Length} bytes, {echo.AsSpan().CommonPrefixLength(large)} alike, {echo.Count(static b => b == 0)} zero");
            case 36:
                return pool.With(new() { Timeout = TimeSpan.FromMilliseconds(20) }).RunAsync(static (int ms) => { Thread.Sleep(ms); return ms; }, random.Next(40)).GetAwaiter().GetResult() >= 0;
            default:
                return pool.Run(static (int a) => a >= 0 ? throw new FormatException($"no {a}") : "", a) is null;
        }
    }

    private void Count(int kind, Func<bool> call)
    {
        string outcome;
        try
        {
            outcome = call() ? "result" : $"wrong result of kind {kind}";
        }
        catch (Exception e) when (e is WorkerCrashedException or CallTimeoutException)
        {
            outcome = e.GetType().Name;
        }
        catch (RemoteException e) when (e.Message.Contains("no ", StringComparison.Ordinal))
        {
            outcome = "failure";
        }
        catch (Exception e)
        {
            outcome = $"wrong failure of kind {kind}: {e}";
        }
        outcomes.AddOrUpdate(outcome, 1, static (_, n) => n + 1);
    }

    private async Task KillAsync(WorkerPool pool, CancellationToken end)
    {
        var random = new Random(seed);
        while (!end.IsCancellationRequested)
        {
            await Task.Delay(random.Next(20, 300), CancellationToken.None);   // chance, not an order of events
            try
            {
                using var worker = Process.GetProcessById(await pool.RunAsync(static () => Environment.ProcessId, cancellationToken: CancellationToken.None));
                worker.Kill();
                kills++;
            }
            catch (Exception e) when (e is WorkerCrashedException or ArgumentException or InvalidOperationException)
            {
                // It was killed for another call's timeout meanwhile.
            }
        }
    }
}
