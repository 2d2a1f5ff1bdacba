using System.Diagnostics;
using Kernmantle.Tool.Lab.Running;
using Kernmantle.Tool.Statistics;

namespace Kernmantle.Tool.Lab.Deadlock;

/// <summary>The same deadlock between two worker processes, by shared locks. Nobody here watches: the library does.</summary>
internal static class TwoProcesses
{
    private const int Rounds = 3;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static async Task<ProcessDeadlock> MeasureAsync(LabContext context)
    {
        DeadlockLog log = new(context.Loggers ?? KernmantleLog.DefaultFactory);
        await using WorkerPool pool = WorkerPool.Processes(2, new() { Name = "bank", LoggerFactory = log, DrainTimeout = TimeSpan.Zero });
        await pool.StartAsync(context.Stopping);
        string record = "";
        List<double> told = [], ended = [];
        bool oneGaveUp = true;
        for (int round = 0; round < Rounds; round++)
        {
            context.Step("two processes wait", (double)round / Rounds);
            (record, double seconds) = await TellAsync(pool, log, context.Stopping);
            told.Add(seconds);
            context.Step("two processes, one gives up", (round + 0.5) / Rounds);
            (int gaveUp, seconds) = await BreakAsync(pool, log, context.Stopping);
            oneGaveUp &= gaveUp == 1;
            ended.Add(seconds);
        }
        return new(record, Spread.Of(told), oneGaveUp, Spread.Of(ended));
    }

    /// <summary>Both wait until they are asked to end.</summary>
    private static async Task<(string Record, double Seconds)> TellAsync(WorkerPool pool, DeadlockLog log, CancellationToken cancellationToken)
    {
        using TwoSharedLocks locks = new(breaksDeadlocks: false);
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task<string> next = log.NextAsync();
        Task both = locks.Begin(pool, end.Token);
        long begin = Stopwatch.GetTimestamp();
        string record = await next.WaitAsync(Patience, cancellationToken);
        double seconds = Stopwatch.GetElapsedTime(begin).TotalSeconds;
        await end.CancelAsync();
        await both.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);   // they were asked to
        return (record, seconds);
    }

    private static async Task<(int GaveUp, double Seconds)> BreakAsync(WorkerPool pool, DeadlockLog log, CancellationToken cancellationToken)
    {
        using TwoSharedLocks locks = new(breaksDeadlocks: true);
        Task<string> next = log.NextAsync();
        Task<bool[]> both = locks.Begin(pool, cancellationToken);
        long begin = Stopwatch.GetTimestamp();
        bool[] gaveUp = await both.WaitAsync(Patience, cancellationToken);
        double seconds = Stopwatch.GetElapsedTime(begin).TotalSeconds;
        await next.WaitAsync(Patience, cancellationToken);   // told of as well, perhaps later: it must not be taken for the next round's
        return (gaveUp.Count(static one => one), seconds);
    }
}
