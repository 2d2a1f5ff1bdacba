using Kernmantle;

// Workers are this program, started again: its Main does not run there, and what they do ends with them.
await using WorkerPool pool = WorkerPool.Processes(2, new() { Limits = new() { WallTime = TimeSpan.FromSeconds(10), MemoryBytes = 256L << 20 } });

await foreach (MapResult<int, int> item in pool.MapAsync(static n => Work.CountPrimes(n), [100, 1_000, 10_000]))
    Console.WriteLine(item.IsSuccess ? $"{item.Input}: {item.Value} primes" : $"{item.Input}: {item.Failure!.Message}");

try
{
    await pool.RunAsync(static () => Work.Depth(1));
}
catch (WorkerCrashedException crash)
{
    Console.WriteLine($"A worker died, and this program did not. {crash.Message}");
}

internal static class Work
{
    public static int CountPrimes(int limit) => Enumerable.Range(2, limit - 2).Count(static n => Enumerable.Range(2, n - 2).TakeWhile(d => d * d <= n).All(d => n % d != 0));

    public static int Depth(int n) => 1 + Depth(n + 1);   // overflows its stack
}
