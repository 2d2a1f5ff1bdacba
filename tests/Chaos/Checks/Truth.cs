using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Kernmantle.Chaos.Calls;
using Kernmantle.Chaos.Faults;
using Kernmantle.Chaos.Plans;
using Kernmantle.Chaos.Workers;

namespace Kernmantle.Chaos.Checks;

/// <summary>Whether a failure says what can have happened to that call, and nothing else.</summary>
/// <param name="faults">What was done.</param>
/// <param name="killers">For each pool, when a call ended there for which the pool kills a worker.</param>
internal sealed partial class Truth(FaultLog faults, ILookup<PoolRun, long> killers)
{
    private const int SigKill = 9;

    /// <summary>A timer may be early by a tick of the system's clock.</summary>
    private static readonly TimeSpan TimerTick = TimeSpan.FromMilliseconds(16);

    /// <summary>How long after its kill a worker's death may be told.</summary>
    private static readonly TimeSpan Telling = TimeSpan.FromSeconds(10);

    /// <summary>What is untrue of it; null if nothing is.</summary>
    public string? Untruth(CallRecord call, IReadOnlyList<BegunRecord> begun) => call.Failure switch
    {
        OperationCanceledException => call.WasCancelled ? null : "cancelled, and nobody had cancelled it",
        ObjectDisposedException e => Disposed(call, e, begun),
        QueueFullException => call.Pool.Plan.Options.QueueFull != QueueFullMode.Fail ? "a queue that waits says that it is full"
            : begun.Count > 0 && !call.Plan.Retries ? "it was refused, and had begun" : null,
        RemoteException e => Remote(call, e),
        WorkerCrashedException e => Crash(call, e, begun),
        CallTimeoutException e => TimedOut(call, e, begun),
        MemoryLimitException e => Memory(call, e),
        CpuLimitException e => call.Plan.Limits?.CpuTime is not { } limit || e.Limit != limit ? "it has no such limit"
            : e.Used < limit ? $"it used {e.Used} of {limit}" : null,
        OutputLimitException e => call.Plan.Limits?.OutputBytes is not { } limit || e.LimitBytes != limit ? "it has no such limit"
            : e.UsedBytes <= limit ? $"it wrote {e.UsedBytes} of {limit} bytes" : null,
        StateLostException => StateLost(call),
        PoolBrokenException => "the pool broke, and its restart limit cannot have been reached",
        _ => "a failure that nothing here can cause",
    };

    private static string? Disposed(CallRecord call, ObjectDisposedException e, IReadOnlyList<BegunRecord> begun)
    {
        if (!call.Pool.IsEnding || call.Ended < call.Pool.EndAsked)
            return "its pool was not disposed of";
        bool mayHaveBegun = e.Message.Contains("while the call ran", StringComparison.Ordinal);
        return !mayHaveBegun && begun.Count > 0 && !call.Plan.Retries ? "it is said not to have begun, and had" : null;
    }

    private static string? Remote(CallRecord call, RemoteException e)
    {
        if (call.Plan.Kind is not (CallKind.Throw or CallKind.ThrowRetried))
            return "its function does not throw";
        if (e.TypeName != typeof(PlannedException).FullName || !e.Message.Contains(WorkerFunctions.MessageOf(call.Id), StringComparison.Ordinal))
            return "it threw something else";
        return call.Plan.Kind == CallKind.ThrowRetried && MayTryAgain(call) ? "its second attempt does not throw" : null;
    }

    /// <summary>A pool that is being disposed of, or a call that was cancelled, does not try again.</summary>
    private static bool MayTryAgain(CallRecord call) => call.Plan.Attempts > 1 && !call.WasCancelled && !(call.Pool.IsEnding && call.Pool.EndAsked < call.Ended);

    private string? Crash(CallRecord call, WorkerCrashedException e, IReadOnlyList<BegunRecord> begun)
    {
        if (e.Reason == CrashReason.Exited)
        {
            return call.Plan.Kind is not (CallKind.Exit or CallKind.ExitRetried) ? "its function does not exit"
                : e.ExitCode != WorkerFunctions.ExitCode ? $"it exits with code {WorkerFunctions.ExitCode}"
                : call.Plan.Kind == CallKind.ExitRetried && MayTryAgain(call) ? "its second attempt does not exit" : null;
        }
        if (e.Reason == CrashReason.RuntimeAbort)
            return call.Plan.Kind == CallKind.Abort ? null : "its function does not abort";
        if (e.Reason == CrashReason.Killed)
            return killers[call.Pool].Any(at => Math.Abs(Stopwatch.GetElapsedTime(at, call.Ended).TotalSeconds) < 2) ? null : "no call for which its worker could have been killed ended then";
        bool atStart = e.Reason == CrashReason.DiedAtStart && call.Plan.Kind == CallKind.Worker;
        if ((e.Reason != CrashReason.Signal && !atStart) || e.Signal != SigKill)
            return $"nothing here makes a worker end like that ({e.Reason}, signal {e.Signal})";
        if (ProcessIn(e.Message) is not { } process)
            return "it does not say which process died";
        if (!faults.WasKilled(process))
            return $"nobody killed process {process}";
        // What it wrote last it wrote in the process that died, if it got to write anything there.
        BegunRecord? last = begun.Count == 0 ? null : begun[^1];
        return last is { } record && !call.Plan.Retries && record.ProcessId != process ? $"it ran in process {record.ProcessId}, not {process}" : null;
    }

    private string? StateLost(CallRecord call)
    {
        if (call.BelongsTo is not { } made)
            return "it is not called on an object";
        // Its worker was killed, by the saboteur or for another call, after it had made the object.
        return faults.Kills > 0 || killers[call.Pool].Any(at => at >= made.Submitted) ? null : "its worker cannot have ended";
    }

    private string? TimedOut(CallRecord call, CallTimeoutException e, IReadOnlyList<BegunRecord> begun)
    {
        if (call.Plan.Timeout is not { } timeout || e.Timeout != timeout)
            return $"its timeout is {call.Plan.Timeout}";
        if (e.StillRunning)
            return "a process cannot be still running";
        if (Stopwatch.GetElapsedTime(call.Submitted, call.Ended) < timeout - TimerTick)
            return "it had not run for so long";
        if (call.Plan.Kind is CallKind.Hang or CallKind.HangPolitely or CallKind.SleepWithTightTimeout)
            return null;
        bool slowed = begun.Count > 0 ? faults.WasSlowed(begun[^1].ProcessId) : faults.All.Any(static f => f.Kind is FaultKind.Stop or FaultKind.StopThenKill or FaultKind.Nice);
        return slowed || faults.WasStarved(call.Submitted, call.Ended) ? null : "neither does it hang, nor was its worker slowed down";
    }

    private static string? Memory(CallRecord call, MemoryLimitException e)
    {
        long? limit = call.Pool.Plan.Options.Limits?.MemoryBytes ?? call.Pool.Plan.Options.ManagedHeapLimitBytes;
        bool allocates = call.Plan.Kind == CallKind.Allocate || (call.Plan.Kind == CallKind.AllocateNative && call.Pool.Plan.LimitsAll);
        return !allocates || limit is null ? "its function does not fill the memory"
            : e.LimitBytes != limit ? $"the limit is {limit}" : null;
    }

    private static int? ProcessIn(string message) =>
        ProcessText().Match(message) is { Success: true } match ? int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture) : null;

    [GeneratedRegex(@"\(pid (\d+)\)")]
    private static partial Regex ProcessText();
}
