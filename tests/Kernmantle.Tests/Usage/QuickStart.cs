using Kernmantle;

namespace Kernmantle.Tests.Usage;

/// <summary>The README's quick start, run. What stands between the marks stands there too, which <c>ReadmeTests</c> checks.</summary>
public sealed class QuickStart
{
    [Fact]
    public async Task Runs_as_the_readme_shows_it()
    {
        // <quick-start>
        // One worker with its own handle: create it with its arguments, start it, join it.
        Worker<int> first = Worker.OnProcess("First", Primes.CountBelow, 100_000);
        first.Start();
        WorkerExit exit = first.Join();        // why it ended, and what it used
        int count = first.Result;              // 9592; throws the typed failure if there is one

        // A pool. WorkerPool.Threads(2) runs the same calls on threads.
        await using WorkerPool pool = WorkerPool.Processes(2);
        int few = await pool.RunAsync(static n => Primes.CountBelow(n), 1000);

        // Many inputs: results in their order, each with its own value or failure.
        await foreach (MapResult<int, int> item in pool.MapAsync(static n => Primes.CountBelow(n), [10, 100, 1000]))
            Console.WriteLine(item.IsSuccess ? $"{item.Input}: {item.Value}" : $"{item.Input}: {item.Failure!.Message}");

        // What would end the program ends one worker. The pool replaces it.
        try
        {
            await pool.RunAsync(static () => Environment.Exit(7));
        }
        catch (WorkerCrashedException crash)
        {
            Console.WriteLine($"{crash.WorkerName} ended with exit code {crash.ExitCode}");
        }

        // A timeout stops code that never asks whether it should stop.
        try
        {
            await pool.RunAsync(Primes.CountForEver, new CallOptions { Timeout = TimeSpan.FromSeconds(1) });
        }
        catch (CallTimeoutException late)
        {
            Console.WriteLine(late.Message);
        }

        // An object that lives in a worker and serves many calls.
        await using Remote<PrimeList> list = await pool.CreateAsync(static limit => new PrimeList(limit), 1000);
        bool known = await list.CallAsync(static (primes, n) => primes.Contains(n), 997);
        // </quick-start>

        Assert.Equal(WorkerExitReason.Completed, exit.Reason);
        Assert.Equal((9592, 168, true), (count, few, known));
    }
}

/// <summary>The functions that the quick start calls.</summary>
internal static class Primes
{
    public static int CountBelow(int limit) => Enumerable.Range(2, Math.Max(0, limit - 2)).Count(IsPrime);

    public static void CountForEver()
    {
        for (int n = 2; ; n = n == int.MaxValue ? 2 : n + 1)
            _ = IsPrime(n);
    }

    public static bool IsPrime(int number)
    {
        for (int divisor = 2; (long)divisor * divisor <= number; divisor++)
        {
            if (number % divisor == 0)
                return false;
        }
        return number > 1;
    }
}

/// <summary>The object that the quick start keeps in a worker.</summary>
internal sealed class PrimeList(int limit)
{
    private readonly HashSet<int> primes = [.. Enumerable.Range(0, limit).Where(Primes.IsPrime)];

    public bool Contains(int number) => primes.Contains(number);
}
