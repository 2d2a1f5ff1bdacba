using Kernmantle;

// One worker with its own handle: create it with its arguments, start it, join it.
Worker<int> first = Worker.OnProcess("First", Primes.CountBelow, 100_000);
first.Start();
WorkerExit exit = first.Join();        // why it ended, and what it used
Console.WriteLine($"{first.Name}: {exit.Reason}, {first.Result} primes");

// A pool of two processes. WorkerPool.Threads(2) runs the same calls on threads.
await using WorkerPool pool = WorkerPool.Processes(2);
Console.WriteLine(await pool.RunAsync(static n => Primes.CountBelow(n), 1000));

// Many inputs: results in the order of the inputs, each with its own value or failure.
await foreach (MapResult<int, int> item in pool.MapAsync(static n => Primes.CountBelow(n), [10, 100, 1000]))
    Console.WriteLine(item.IsSuccess ? $"{item.Input}: {item.Value}" : $"{item.Input}: {item.Failure!.Message}");

// A timeout stops code that never checks whether it should stop.
try
{
    await pool.With(new() { Timeout = TimeSpan.FromSeconds(1) }).RunAsync(static () => Primes.CountForever());
}
catch (CallTimeoutException late)
{
    Console.WriteLine(late.Message);
}

// An object that lives in one worker and serves many calls.
await using Remote<PrimeList> list = await pool.CreateAsync(static limit => new PrimeList(limit), 1000);
Console.WriteLine(await list.CallAsync(static (primes, n) => primes.Contains(n), 997));

internal static class Primes
{
    public static int CountBelow(int limit) => Enumerable.Range(2, limit - 2).Count(IsPrime);

    public static void CountForever()
    {
        for (int n = 2; ; n++)
            IsPrime(n);
    }

    public static bool IsPrime(int n) => n > 1 && Enumerable.Range(2, n).TakeWhile(d => (long)d * d <= n).All(d => n % d != 0);
}

internal sealed class PrimeList(int limit)
{
    private readonly HashSet<int> primes = [.. Enumerable.Range(0, limit).Where(Primes.IsPrime)];

    public bool Contains(int n) => primes.Contains(n);
}
