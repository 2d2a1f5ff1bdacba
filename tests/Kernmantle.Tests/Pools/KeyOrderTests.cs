using System.Diagnostics;

namespace Kernmantle.Tests.Pools;

/// <summary>Calls with an equal key run in the order in which they were submitted, whichever threads hand them to the worker, and whatever is taken back from it meanwhile.</summary>
public sealed class KeyOrderTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(120);

    private static int last;

    private static bool IsNext(int n)
    {
        bool isLater = n > last;
        last = n;
        return isLater;
    }

    private static void Occupy(int microseconds)
    {
        long start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start).TotalMicroseconds < microseconds)
            Thread.SpinWait(1);
    }

    [Fact]
    [Repeated]
    public async Task They_are_handed_over_in_their_order_while_others_end()
    {
        await using WorkerPool pool = WorkerPool.Processes(1);
        var options = new CallOptions { Key = "k" };
        var answers = new List<Task<bool>>();
        for (int i = 1; i <= 20_000; i++)
        {
            answers.Add(pool.With(options).RunAsync(static n => IsNext(n), i));
            if (i % 64 == 0)
                _ = await answers[i - 1 - (i / 64 % 64)].WaitAsync(Deadline);   // the queue runs dry now and then, and calls end while others are made
        }
        Assert.DoesNotContain(false, await Task.WhenAll(answers).WaitAsync(Deadline));
    }

    [Fact]
    [Repeated]
    public async Task They_are_taken_back_in_their_order()
    {
        await using WorkerPool pool = WorkerPool.Processes(1, new() { KillGrace = Deadline });
        var options = new CallOptions { Key = "k" };
        _ = await pool.With(options).RunAsync(static n => IsNext(n), 0);
        var answers = new List<Task<bool>>();
        var others = new List<Task>();
        for (int i = 1; i <= 10_000; i++)
        {
            answers.Add(pool.With(options).RunAsync(static n => IsNext(n), i));
            if (i % 16 == 0)
                others.Add(Abandon(pool, i % 300));
            if (i % 128 == 0)
                _ = await answers[i - 1 - (i / 128 % 128)].WaitAsync(Deadline);
        }
        Assert.DoesNotContain(false, await Task.WhenAll(answers).WaitAsync(Deadline));
        await Task.WhenAll(others).WaitAsync(Deadline);
    }

    /// <summary>A call that is cancelled at once: its worker has others behind it, which are taken back with it.</summary>
    private static async Task Abandon(WorkerPool pool, int microseconds)
    {
        using var source = new CancellationTokenSource();
        Task call = pool.RunAsync(static n => Occupy(n), microseconds, source.Token);
        await source.CancelAsync();
        try
        {
            await call;
        }
        catch (OperationCanceledException)
        {
            // It had not begun.
        }
    }
}
