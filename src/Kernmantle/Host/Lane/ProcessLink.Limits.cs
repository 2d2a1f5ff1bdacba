using System.ComponentModel;
using Kernmantle.Failures;
using Kernmantle.Functions;
using Kernmantle.Host.Limiting;
using Kernmantle.Logging.Events;
using Kernmantle.Platform.Linux;
using Kernmantle.Scheduling.Calls;

namespace Kernmantle.Host.Lane;

/// <summary>What the calls of this worker may use.</summary>
internal sealed partial class ProcessLink
{
    /// <summary>How often, and after what pause, the control group of a worker that has ended is tried to be removed: what it started is still dying.</summary>
    private const int RemovalTries = 50;

    private static readonly TimeSpan RemovalPause = TimeSpan.FromMilliseconds(20);

    /// <summary>From the first call with limits on.</summary>
    private WorkerLimits? limits;

    private bool hasServed;

    /// <summary>Before the call is sent. False: it is not to be sent, and <paramref name="after"/> reports its end, if nothing else does.</summary>
    private bool TryPrepareLimits(Call call, out Action? after)
    {
        after = null;
        bool isFirst = !hasServed;
        hasServed = true;
        if (call.Limits is not { } its || settings.Limits is not { } watch)
        {
            limits?.Lift();
            return true;
        }
        try
        {
            limits ??= new WorkerLimits(process!.Id, watch.Places, settings.TransferTimeout, new(HasBegunLimited, RunsLimited, OnLimit, OnNotLifted));
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
            if (killed || process!.Ended.IsCompleted || SaysThatItIsGone(e))
                return false;   // its death is reported like any other, and the call moves to another worker
            after = SayUnenforceable(call, e);
            return false;
        }
    }

    private Action SayWorn(Call call) => () => owner.OnWorn(this, call);

    private Action SayUnenforceable(Call call, Exception e)
    {
        var failure = Outcome.Failed(new PlatformNotSupportedException($"A limit of {call.Name} could not be set, and it was not begun: {e.Message}", e));
        return call is QuickCall quick && shared is not null
            ? () => owner.OnQuickFinished(this, quick, failure, workerUnfit: true)
            : () => owner.OnFinished(this, call, failure, workerUnfit: true);
    }

    private static bool SaysThatItIsGone(Exception e) => e is Win32Exception { NativeErrorCode: LibC.NoSuchProcess } or IOException { HResult: LibC.NoSuchProcess };

    private bool HasBegunLimited(Call call)
    {
        if (call is QuickCall && shared is not null)
            return HasBegun(call);
        lock (gate)
            return current == call && begun;
    }

    private bool RunsLimited(Call call) => call is QuickCall quick && shared is not null
        ? shared.Clock.TimeOf(quick.First, out _) == Overrun.Function
        : ClockOf(call, call.BegunAt).Runs;

    private void OnLimit(Call call, long id, LimitReached reached) => owner.OnLimit(this, call, id, reached.ToFailure(call.Name, settings.IsReplaced));

    private void OnNotLifted(Exception e)
    {
        if (!killed && !process!.Ended.IsCompleted)
            ThreadPool.UnsafeQueueUserWorkItem(_ => ProcessEvents.LimitNotLifted(log, e, name), null);   // the caller may hold locks
    }

    /// <summary>The call has ended, by that failure if by one. What it comes to if it has reached a limit: its worker is of no use any more then.</summary>
    private Outcome? EndLimits(Call call, Exception? failure) =>
        limits is { IsActive: true } active && active.End() is { } late ? Outcome.Failed(late.ToFailure(call.Name, settings.IsReplaced, failure)) : null;

    private void CountOutput(int bytes) => limits?.AddOutput(bytes);

    private async ValueTask DisposeLimitsAsync()
    {
        if (limits is not { } ended)
            return;
        settings.Limits!.End(ended);
        for (int i = 0; i < RemovalTries && !ended.TryRemoveGroup(); i++)
            await Task.Delay(RemovalPause, settings.Clock).ConfigureAwait(false);
        ended.Dispose();
    }
}
