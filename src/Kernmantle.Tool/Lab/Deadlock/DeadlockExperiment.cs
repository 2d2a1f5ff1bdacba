using System.Diagnostics;
using Kernmantle.Tool.Lab.Model;
using Kernmantle.Tool.Lab.Running;
using Kernmantle.Tool.Statistics;

namespace Kernmantle.Tool.Lab.Deadlock;

/// <summary>
/// Two locks in opposite order: by two threads of a process that is there to be lost, where a watchdog names the cycle and a second process looks at the stacks; and by two worker processes that share the locks, where the library
/// names it.
/// </summary>
internal sealed class DeadlockExperiment() : Experiment("deadlock", "What happens when two locks are taken in opposite order?")
{
    private const int Rounds = 3;
    private static readonly CallOptions Patient = new() { Timeout = TimeSpan.FromSeconds(30) };

    public override async Task<Outcome> RunAsync(LabContext context)
    {
        context.Step("one order", 0);
        bool oneOrder;
        await using (WorkerPool pool = WorkerPool.Processes(1, new() { LoggerFactory = context.Loggers }))
            oneOrder = (await WatchAsync(pool, oppositeOrder: false, context.Stopping)).Cycle.Count == 0;

        List<double> seconds = [];
        IReadOnlyList<Edge> cycle = [];
        IReadOnlyDictionary<int, InspectedThread>? stacks = null;
        string? refusal = null;
        double capacity = 0;
        for (int round = 0; round < Rounds; round++)
        {
            context.Step("opposite order", 0.2 + 0.15 * round);
            await using WorkerPool pool = WorkerPool.Processes(1, new() { LoggerFactory = context.Loggers, DrainTimeout = TimeSpan.Zero });
            (cycle, double named) = await WatchAsync(pool, oppositeOrder: true, context.Stopping);
            seconds.Add(named);
            if (round < Rounds - 1)
                continue;
            context.Step("stacks", 0.6);
            int process = await pool.RunAsync(static () => Environment.ProcessId, context.Stopping);
            (stacks, refusal) = await InspectAsync(context, process);
            capacity = await ReplaceAsync(pool, context.Stopping);
        }
        ProcessDeadlock processes = await TwoProcesses.MeasureAsync(context.Part(0.7, 1));
        DeadlockMeasured measured = new(cycle, Spread.Of(seconds), oneOrder, stacks, refusal, capacity, processes);
        return new(
            measured.Figures(),
            DeadlockVerdicts.Judge(measured),
            [],
            [Report.TerminalReport.Figures(measured.Figures()), measured.Table()],
            refusal is null ? [] : [$"The stacks could not be read: {refusal}"]);
    }

    private static async Task<(IReadOnlyList<Edge> Cycle, double Seconds)> WatchAsync(WorkerPool pool, bool oppositeOrder, CancellationToken cancellationToken)
    {
        await pool.StartAsync(cancellationToken);
        long begin = Stopwatch.GetTimestamp();
        await pool.With(Patient).RunAsync(static oppositeOrder => TwoLocks.Begin(oppositeOrder), oppositeOrder, cancellationToken);
        Edge[] cycle = await pool.With(Patient).RunAsync(static token => TwoLocks.WatchAsync(token), cancellationToken);
        return (cycle, Stopwatch.GetElapsedTime(begin).TotalSeconds);
    }

    private static async Task<(IReadOnlyDictionary<int, InspectedThread>? Stacks, string? Refusal)> InspectAsync(LabContext context, int process)
    {
        Worker<InspectedThread[]> inspector = Worker.OnProcess("inspector", Inspector.Inspect, process, new() { LoggerFactory = context.Loggers, Timeout = Patient.Timeout });
        WorkerExit exit = await inspector.RunAsync(context.Stopping);
        return exit.Exception is { } refusal
            ? (null, refusal.Message)
            : (inspector.Result.ToDictionary(static thread => thread.SystemId), null);
    }

    /// <summary>What hangs is not asked to go on: its process ends, and another takes its place.</summary>
    private static async Task<double> ReplaceAsync(WorkerPool pool, CancellationToken cancellationToken)
    {
        long begin = Stopwatch.GetTimestamp();
        try
        {
            await pool.RunAsync(static () => Environment.Exit(0), cancellationToken);
        }
        catch (WorkerCrashedException)
        {
            // As intended.
        }
        await pool.RunAsync(static () => 0, cancellationToken);
        return Stopwatch.GetElapsedTime(begin).TotalSeconds;
    }
}
