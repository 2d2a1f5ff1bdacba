using System.Diagnostics;
using Kernmantle.Tool.Lab.Running;
using Kernmantle.Tool.Statistics;

namespace Kernmantle.Tool.Lab.Race;

/// <summary>What the next one found who took the lock of one that was killed.</summary>
/// <param name="Told">That its owner had died: first by an exception, then, as it took the lock to mend what it protects, by the answer.</param>
/// <param name="Sum">In both accounts.</param>
/// <param name="At">When it was told; the system's clock is the same for all processes.</param>
internal sealed record Inheritance(bool Told, long Sum, long At);

/// <summary>A worker process moves money from one account to another under a shared lock, and is killed when it has taken it from the one and not yet given it to the other.</summary>
internal static class AbandonedWork
{
    private const int Rounds = 3;
    private const long All = 1000, Part = 300;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static async Task<AbandonedLock> MeasureAsync(LabContext context)
    {
        await using WorkerPool pool = WorkerPool.Processes(2, new() { LoggerFactory = context.Loggers, DrainTimeout = TimeSpan.Zero });
        await pool.StartAsync(context.Stopping);
        List<double> seconds = [];
        bool told = true, half = true, mended = true;
        for (int round = 0; round < Rounds; round++)
        {
            context.Step("the owner of a lock is killed", (double)round / Rounds);
            using SharedLock mutex = new("accounts");
            using SharedArray<long> accounts = new(2);
            accounts[0] = All;
            using SharedEvent halfway = new(), never = new(), waiting = new();
            using SharedValue<int> mover = new();
            Task moving = pool.RunAsync(() => MoveHalf(mutex, accounts, mover, halfway, never), context.Stopping);
            Arrived(halfway.Wait(Patience, context.Stopping));
            Task<Inheritance> next = pool.RunAsync(() => Inherit(mutex, accounts, waiting), context.Stopping);
            Arrived(waiting.Wait(Patience, context.Stopping));
            long kill = Stopwatch.GetTimestamp();
            using (Process owner = Process.GetProcessById(mover.Read()))
                owner.Kill();
            Inheritance found = await next.WaitAsync(Patience, context.Stopping);
            await moving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);   // it was killed
            seconds.Add(Stopwatch.GetElapsedTime(kill, found.At).TotalSeconds);
            told &= found.Told;
            half &= found.Sum == All - Part;
            mended &= mutex.TryEnter(TimeSpan.Zero) == LockTaken.Yes && Sum(accounts) == All;
            mutex.Exit();
        }
        return new(told, half, mended, Spread.Of(seconds));
    }

    private static void MoveHalf(SharedLock mutex, SharedArray<long> accounts, SharedValue<int> mover, SharedEvent halfway, SharedEvent never)
    {
        mover.Write(Environment.ProcessId);
        using (mutex.Enter())
        {
            accounts[0] -= Part;
            halfway.Set();
            never.Wait();
            accounts[1] += Part;
        }
    }

    private static Inheritance Inherit(SharedLock mutex, SharedArray<long> accounts, SharedEvent waiting)
    {
        bool told = false;
        waiting.Set();
        try
        {
            mutex.Enter().Dispose();
        }
        catch (AbandonedLockException)
        {
            told = true;
        }
        long at = Stopwatch.GetTimestamp();
        told &= mutex.TryEnter(Patience) == LockTaken.Abandoned;
        long found = Sum(accounts);
        accounts[1] += All - found;
        mutex.MarkConsistent();
        mutex.Exit();
        return new(told, found, at);
    }

    private static long Sum(SharedArray<long> accounts) => accounts[0] + accounts[1];

    private static void Arrived(bool inTime)
    {
        if (!inTime)
            throw new TimeoutException($"A worker did not come to its gate within {Patience.TotalSeconds:0} s.");
    }
}
