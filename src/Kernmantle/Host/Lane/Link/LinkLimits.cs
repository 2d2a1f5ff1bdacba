using System.ComponentModel;
using Kernmantle.Failures;
using Kernmantle.Functions;
using Kernmantle.Host.Limiting;
using Kernmantle.Logging.Events;
using Kernmantle.Platform.Linux;
using Kernmantle.Scheduling.Calls;

namespace Kernmantle.Host.Lane.Link;

/// <summary>What the calls of this worker may use.</summary>
internal sealed class LinkLimits(LinkContext link, LinkCalls calls, LinkClock clock)
{
    /// <summary>How often, and after what pause, the control group of a worker that has ended is tried to be removed: what it started is still dying.</summary>
    private const int RemovalTries = 50;

    private static readonly TimeSpan RemovalPause = TimeSpan.FromMilliseconds(20);

    /// <summary>From the first call with limits on.</summary>
    private WorkerLimits? limits;

    private volatile bool hasServed;

    /// <summary>It was sent a call, or is about to be.</summary>
    public bool HasServed => hasServed;

    /// <summary>A call with limits runs, or is about to.</summary>
    public bool AreActive => limits is { IsActive: true };

    public bool KilledForMemory => limits?.WasKilledForMemory == true;

    /// <summary>Before the call is sent. False: it is not to be sent, and <paramref name="after"/> reports its end, if nothing else does.</summary>
    public bool TryPrepare(Call call, out Action? after)
    {
        after = null;
        bool isFirst = !hasServed;
        hasServed = true;
        if (call.Limits is not { } its || link.Settings.Limits is not { } watch)
        {
            limits?.Lift();
            return true;
        }
        try
        {
            limits ??= new WorkerLimits(link.Process!.Id, watch.Places, link.Settings.TransferTimeout, new(HasBegun, Runs, OnLimit, OnNotLifted));
            if (!limits.TryPrepare(call, its, isFirst))
            {
                after = SayWorn(call);
                return false;
            }
            watch.Begin(limits);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or Win32Exception)
        {
            if (link.IsKilled || link.Process!.Ended.IsCompleted || SaysThatItIsGone(e))
                return false;   // its death is reported like any other, and the call moves to another worker
            after = SayUnenforceable(call, e);
            return false;
        }
    }

    /// <summary>The call has ended, by that failure if by one. What it comes to if it has reached a limit: its worker is of no use any more then.</summary>
    public Outcome? End(Call call, Exception? failure) =>
        limits is { IsActive: true } active && active.End() is { } late ? Outcome.Failed(late.ToFailure(call.Name, link.Settings.IsReplaced, failure)) : null;

    /// <summary>What the worker answered is due to a limit: the failure that says so.</summary>
    public WorkerException? Explain(Call call, RemoteFailure failure, WorkerException remote) =>
        limits is { IsActive: true } && limits.Explain(failure) is { } reached ? reached.ToFailure(call.Name, link.Settings.IsReplaced, remote) : null;

    /// <summary>The worker has died so: for a limit, perhaps.</summary>
    public LimitReached? EndByDeath(ProcessEnd end)
    {
        LimitReached? limit = limits?.ExplainDeath(end.Signal, end.CpuTime);
        limits?.End();
        return limit;
    }

    public void CountOutput(int bytes) => limits?.AddOutput(bytes);

    public async ValueTask DisposeAsync()
    {
        if (limits is not { } ended)
            return;
        link.Settings.Limits!.End(ended);
        for (int i = 0; i < RemovalTries && !ended.TryRemoveGroup(); i++)
            await Task.Delay(RemovalPause, link.Settings.Clock).ConfigureAwait(false);
        ended.Dispose();
    }

    private Action SayWorn(Call call) => () => link.Owner.OnWorn(link.Worker, call);

    private Action SayUnenforceable(Call call, Exception e)
    {
        var failure = Outcome.Failed(new PlatformNotSupportedException($"A limit of {call.Name} could not be set, and it was not begun: {e.Message}", e));
        return call is QuickCall quick && link.Shared is not null
            ? () => link.Owner.OnQuickFinished(link.Worker, quick, failure, workerUnfit: true)
            : () => link.Owner.OnFinished(link.Worker, call, failure, workerUnfit: true);
    }

    private static bool SaysThatItIsGone(Exception e) => e is Win32Exception { NativeErrorCode: LibC.NoSuchProcess } or IOException { HResult: LibC.NoSuchProcess };

    private bool HasBegun(Call call)
    {
        if (call is QuickCall && link.Shared is not null)
            return link.Worker.HasBegun(call);
        lock (link.Gate)
            return calls.Begun == call;
    }

    private bool Runs(Call call) => call is QuickCall quick && link.Shared is { } shared
        ? shared.Clock.TimeOf(quick.First, out _) == Overrun.Function
        : clock.Of(call, call.BegunAt).Runs;

    private void OnLimit(Call call, long id, LimitReached reached) => link.Owner.OnLimit(link.Worker, call, id, reached.ToFailure(call.Name, link.Settings.IsReplaced));

    private void OnNotLifted(Exception e)
    {
        if (!link.IsKilled && !link.Process!.Ended.IsCompleted)
            ThreadPool.UnsafeQueueUserWorkItem(_ => ProcessEvents.LimitNotLifted(link.Log, e, link.Name), null);   // the caller may hold locks
    }
}
