using System.Diagnostics;
using Kernmantle.Tool.Lab.Linux;
using Kernmantle.Tool.Lab.Model;
using Kernmantle.Tool.Lab.Running;

namespace Kernmantle.Tool.Lab.Failure;

/// <summary>
/// The same misdeeds on a thread and in a process, beside a neighbour that works. The pool of threads lives in a process that is there to be
/// lost.
/// </summary>
internal sealed class FailureExperiment() : Experiment("failure", "Who dies when a function overflows its stack, crashes or never ends?")
{
    /// <summary>For what never ends.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(0.5);

    /// <summary>For what ends: writing down an overflowed stack takes the runtime a while.</summary>
    private static readonly TimeSpan LongPatience = TimeSpan.FromSeconds(20);

    public override async Task<Outcome> RunAsync(LabContext context)
    {
        Dictionary<Misdeed, Aftermath> threads = [], processes = [];
        Misdeed[] all = Enum.GetValues<Misdeed>();
        foreach (Misdeed misdeed in all)
        {
            context.Step($"{misdeed.Text()} on a thread", (threads.Count + processes.Count) / (2.0 * all.Length));
            threads[misdeed] = await OnThreadAsync(context, misdeed);
            context.Step($"{misdeed.Text()} in a process", (threads.Count + processes.Count) / (2.0 * all.Length));
            processes[misdeed] = await InProcessAsync(context, misdeed);
        }
        FailureMeasured measured = new(threads, processes);
        return new(measured.Figures(), FailureVerdicts.Judge(measured), [], [measured.Table()], []);
    }

    private static async Task<Aftermath> OnThreadAsync(LabContext context, Misdeed misdeed)
    {
        using Scratch scratch = new();
        LibC.MakeFifo(scratch.Path("release"));
        Worker<Aftermath> sacrifice = Worker.OnProcess(
            "sacrifice", static given => OnThreadInside(given.misdeed, given.Release), (misdeed, Release: scratch.Path("release")), new() { LoggerFactory = context.Loggers, Timeout = LongPatience });
        WorkerExit exit = await sacrifice.RunAsync(context.Stopping);
        return exit.Reason == WorkerExitReason.Completed
            ? sacrifice.Result
            : new(HostLived: false, NeighbourFinished: false, Stopped: true, SecondsToCapacity: null, Said(exit.Exception));
    }

    /// <summary>In the sacrifice: a pool of threads, one of which does it.</summary>
    internal static async Task<Aftermath> OnThreadInside(Misdeed misdeed, string release)
    {
        await using WorkerPool pool = WorkerPool.Threads(2, new() { DrainTimeout = TimeSpan.Zero });
        Aftermath after = await DoAsync(pool, misdeed, release, CancellationToken.None);
        TimeSpan before = Environment.CpuUsage.TotalTime;
        await Task.Delay(Patience / 4);
        // All others are idle: whatever computes now is what should have ended.
        bool stopped = Environment.CpuUsage.TotalTime - before < Patience / 16;
        return after with { Stopped = stopped };
    }

    private static async Task<Aftermath> InProcessAsync(LabContext context, Misdeed misdeed)
    {
        using Scratch scratch = new();
        string release = scratch.Path("release");
        LibC.MakeFifo(release);
        await using WorkerPool pool = WorkerPool.Processes(2, new() { LoggerFactory = context.Loggers, DrainTimeout = TimeSpan.Zero });
        await pool.StartAsync(context.Stopping);
        Aftermath after = await DoAsync(pool, misdeed, release, context.Stopping);
        // A killed process does not run: that two workers are there means that its place was taken.
        return after with { Stopped = pool.Statistics.Replaced >= 1 };
    }

    /// <summary>The neighbour holds one worker until it is released: what is answered meanwhile is answered by the other one, or its replacement.</summary>
    private static async Task<Aftermath> DoAsync(WorkerPool pool, Misdeed misdeed, string release, CancellationToken cancellationToken)
    {
        using Fifo gate = new(release);
        Task<int> neighbour = pool.RunAsync(static path => WaitAtGate(path), release, cancellationToken);
        string said;
        try
        {
            CallOptions options = new() { Timeout = misdeed == Misdeed.EndlessLoop ? Patience : LongPatience };
            await pool.With(options).RunAsync(static misdeed => Misdeeds.Do(misdeed), misdeed, cancellationToken);
            said = "nothing";
        }
        catch (WorkerException e)
        {
            said = Said(e);
        }
        long failed = Stopwatch.GetTimestamp();
        await pool.RunAsync(static () => 0, cancellationToken);
        double seconds = Stopwatch.GetElapsedTime(failed).TotalSeconds;
        gate.Write([1]);
        bool finished = await neighbour == 1;
        return new(HostLived: true, finished, Stopped: false, seconds, said);
    }

    private static int WaitAtGate(string path)
    {
        using Fifo gate = new(path);
        Span<byte> released = stackalloc byte[1];
        gate.Read(released);
        return released[0];
    }

    private static string Said(Exception? failure) => failure switch
    {
        WorkerCrashedException { Signal: { } signal } crash => $"{nameof(WorkerCrashedException)}: {crash.Reason}, signal {signal}",
        WorkerCrashedException crash => $"{nameof(WorkerCrashedException)}: {crash.Reason}, exit code {crash.ExitCode}",
        CallTimeoutException { StillRunning: true } => $"{nameof(CallTimeoutException)}: still running",
        null => "nothing",
        _ => failure.GetType().Name,
    };
}
