using System.Diagnostics;
using Kernmantle.Failures;
using Kernmantle.Functions;
using Kernmantle.Host.Lane;
using Kernmantle.Host.Launch;
using Kernmantle.Host.Limiting;
using Kernmantle.Host.Limiting.ControlGroups;
using Kernmantle.Logging;
using Kernmantle.Platform.Linux;
using Kernmantle.Scheduling;
using Kernmantle.Scheduling.Calls;
using Microsoft.Extensions.Logging;

namespace Kernmantle.Host;

/// <summary>A single worker in a process of its own, which runs one function and exits.</summary>
internal sealed class SingleProcessWorker<TArgs, TResult> : SingleWorker<TArgs, TResult>, IWorkerOwner
{
    /// <summary>How long the process may take to exit after its function has ended.</summary>
    private static readonly TimeSpan ExitGrace = TimeSpan.FromSeconds(2);

    private readonly ProcessWorkerOptions options;
    private readonly ProcessPoolWorker link;
    private readonly TaskCompletionSource<(Outcome Outcome, WorkerExitReason Reason)> ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool stopRequested;
    private volatile bool late;
    private readonly LimitWatch? watch;
    private ITimer? timer;

    public SingleProcessWorker(string name, ValueCall<TArgs, TResult> call, IReadOnlyList<object?> arguments, ProcessWorkerOptions options)
        : base(name, call, arguments, options)
    {
        this.options = options;
        WorkerProcess.EnsureSupported(new ProcessPoolOptions().MaxDepth);
        if (options.Limits is { } limits)
        {
            ProcessEnforcement.Of(GroupPlaces.Current).EnsureEnforces(limits);
            call.Limits = limits.HoldTheWorker ? limits : null;
            watch = new(options.TimeProvider, GroupPlaces.Current);
        }
        call.Encode(new ProcessPoolOptions().MaxPayloadBytes);
        link = new ProcessPoolWorker(this, name, Id, new()
        {
            Launch = new()
            {
                WorkerName = name,
                Depth = WorkerProcess.CurrentDepth + 1,
                Environment = options.Environment,
                PassedVariables = options.PassedVariables,
                WorkingDirectory = options.WorkingDirectory,
                ManagedHeapLimitBytes = options.ManagedHeapLimitBytes,
                ProcessorShare = Environment.ProcessorCount,
            },
            Limits = watch,
            IsReplaced = false,
            Evidence = options.Evidence,
            Loggers = options.Loggers,
            Log = Log,
            WorkerCategory = LogCategories.Worker,
            Clock = options.TimeProvider,
            StartTimeout = options.StartTimeout,
            TransferTimeout = options.TransferTimeout,
            MaxPayloadBytes = new ProcessPoolOptions().MaxPayloadBytes,
            StreamWindow = 1,
            FrameWindow = 1,
            WaitForDebugger = options.WaitForDebugger,
            ManagedHeapLimitBytes = options.ManagedHeapLimitBytes,
        });
    }

    public override int? ProcessId => link.ProcessId;

    public override void RequestStop()
    {
        Move(WorkerState.Running, WorkerState.Stopping);
        stopRequested = true;
        if (link.Ended is not null)
            link.CancelCall(Call);
    }

    public override void Kill()
    {
        Move(WorkerState.Running, WorkerState.Stopping);
        Settle(
            Outcome.Failed(new WorkerCrashedException($"Worker {Name} was killed by Worker.Kill.", CrashReason.Killed, null, 9, [], [])),
            WorkerExitReason.Killed);
    }

    private protected override void Begin()
    {
        Task run = RunAsync();
        if (!options.Background)
            new Thread(() => run.Wait()) { Name = $"join {Name}", IsBackground = false }.Start();
    }

    private async Task RunAsync()
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);   // never on the caller's SynchronizationContext
        try
        {
            if (!ended.Task.IsCompleted)
                await StartAsync().ConfigureAwait(false);
            (Outcome outcome, WorkerExitReason reason) = await ended.Task.ConfigureAwait(false);
            if (reason is WorkerExitReason.Completed or WorkerExitReason.Failed)
                await link.StopAsync(ExitGrace).ConfigureAwait(false);
            await link.DisposeAsync().ConfigureAwait(false);
            watch?.Dispose();
            End(outcome, await RecordAsync(reason).ConfigureAwait(false));
        }
        catch (Exception e)
        {
            End(Outcome.Failed(e), new() { Reason = WorkerExitReason.Lost });
        }
    }

    private async Task StartAsync()
    {
        try
        {
            await link.StartAsync(CancellationToken.None).ConfigureAwait(false);
            link.Dispatch(Call);
        }
        catch (Exception e)
        {
            Settle(Outcome.Failed(e), link.DeathRecord?.Reason ?? WorkerExitReason.Failed);
        }
    }

    private async Task<WorkerExit> RecordAsync(WorkerExitReason reason)
    {
        ProcessEnd? end = link.Ended is { } exited ? await exited.ConfigureAwait(false) : null;
        return new()
        {
            Reason = reason,
            ExitCode = end?.ExitCode,
            Signal = end?.Signal,
            CpuTime = end?.CpuTime,
            PeakMemoryBytes = end?.PeakMemoryBytes,
            VoluntaryContextSwitches = end?.VoluntaryContextSwitches,
            InvoluntaryContextSwitches = end?.InvoluntaryContextSwitches,
        };
    }

    ILogger IWorkerOwner.Log => Log;

    bool IWorkerOwner.OnBegun(PoolWorker worker, Call call, bool debuggerAttached)
    {
        if (stopRequested)
            link.CancelCall(call);
        call.BegunAt = options.TimeProvider.GetTimestamp();
        var bounds = new CallBounds(options.Timeout ?? options.Limits?.WallTime ?? Timeout.InfiniteTimeSpan, options.TransferTimeout, options.TimeProvider);
        if (bounds.AreAny && !debuggerAttached)
        {
            timer = options.TimeProvider.CreateTimer(_ => Look(call, bounds), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            timer.Change(bounds.First, Timeout.InfiniteTimeSpan);
            if (bounds.Function != Timeout.InfiniteTimeSpan && link.GivesEvidence)
                link.PrepareEvidence();
        }
        return true;
    }

    void IWorkerOwner.OnInterleaved(PoolWorker worker, Call call) =>
        throw new InvalidOperationException("A single worker runs one function.");

    void IWorkerOwner.OnFinished(PoolWorker worker, Call call, Outcome outcome, bool workerUnfit) =>
        Settle(outcome, outcome.Failure is { } failure && ReasonOf(failure) is { } limit ? limit
            : outcome.Failure is not null || outcome.IsCancelled ? WorkerExitReason.Failed
            : WorkerExitReason.Completed);

    void IWorkerOwner.OnLimit(PoolWorker worker, Call call, long id, WorkerException failure) =>
        Settle(Outcome.Failed(failure), ReasonOf(failure) ?? WorkerExitReason.Killed);

    void IWorkerOwner.OnWorn(PoolWorker worker, Call call) =>
        throw new InvalidOperationException("A single worker runs one function.");

    private static WorkerExitReason? ReasonOf(Exception failure) => failure switch
    {
        MemoryLimitException => WorkerExitReason.MemoryLimit,
        CpuLimitException => WorkerExitReason.CpuLimit,
        ProcessCountLimitException => WorkerExitReason.ProcessCountLimit,
        OpenFilesLimitException => WorkerExitReason.OpenFilesLimit,
        OutputLimitException => WorkerExitReason.OutputLimit,
        _ => null,
    };

    void IWorkerOwner.OnQuickFinished(PoolWorker worker, QuickCall call, Outcome? failure, bool workerUnfit) =>
        throw new InvalidOperationException("A single worker runs one function, and not by the quick way.");

    void IWorkerOwner.OnQuickSucceeded(PoolWorker worker, List<QuickCall> calls) =>
        throw new InvalidOperationException("A single worker runs one function, and not by the quick way.");

    void IWorkerOwner.OnLost(PoolWorker worker, Func<Call?, WorkerException> failure) =>
        Settle(Outcome.Failed(failure(Call)), link.DeathRecord?.Reason ?? WorkerExitReason.Crashed);

    private void Look(Call call, CallBounds bounds)
    {
        bool unheard = link.HasUnheard;
        Overrun overrun = bounds.Look(link.ClockOf(call, call.BegunAt), call.BegunAt, out TimeSpan next);
        if (overrun == Overrun.None)
            timer?.Change(next, Timeout.InfiniteTimeSpan);
        else if (Debugger.IsAttached)
            timer?.Change(bounds.Of(overrun), Timeout.InfiniteTimeSpan);
        else if (unheard && call.Supervise().WaitsToHear())
            timer?.Change(CallSupervision.HearingPause, Timeout.InfiniteTimeSpan);
        else
            _ = EndForTimeoutAsync(overrun, bounds.Of(overrun));
    }

    /// <summary>Whatever the function does from now on, it is late.</summary>
    private async Task EndForTimeoutAsync(Overrun overrun, TimeSpan timeout)
    {
        late = true;
        WorkerEvidence evidence = link.GivesEvidence ? await link.TakeEvidenceAsync().ConfigureAwait(false) : new(null, null);
        string text = CallTimeoutException.TextOf($"worker {Name}", overrun, timeout, "It was killed.");
        var failure = new CallTimeoutException(text, timeout, stillRunning: false, overrun != Overrun.Function, evidence.Stacks, evidence.DumpFile);
        Settle(Outcome.Failed(failure), WorkerExitReason.TimedOut);
    }

    /// <summary>The first end counts; what is not an orderly end kills.</summary>
    private void Settle(Outcome outcome, WorkerExitReason reason)
    {
        if (late && reason is (WorkerExitReason.Completed or WorkerExitReason.Failed))
            return;   // evidence is being collected; the timeout is reported after that
        if (!ended.TrySetResult((outcome, reason)))
            return;
        timer?.Dispose();
        Call.Scope?.Close();
        if (reason is not (WorkerExitReason.Completed or WorkerExitReason.Failed))
            link.Kill();
    }
}
