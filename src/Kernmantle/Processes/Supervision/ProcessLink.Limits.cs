using System.ComponentModel;
using Kernmantle.Calls;
using Kernmantle.Logging.Events;
using Kernmantle.Processes.Launch.Native;
using Kernmantle.Processes.Limiting;

namespace Kernmantle.Processes.Supervision;

/// <summary>What the calls of this worker may use.</summary>
internal sealed partial class ProcessLink
{
    /// <summary>How often, and after what pause, the control group of a worker that has ended is tried to be removed: what it started is still dying.</summary>
    private const int RemovalTries = 50;

    private static readonly TimeSpan RemovalPause = TimeSpan.FromMilliseconds(20);

    /// <summary>From the first call with limits on.</summary>
    private WorkerLimits? limits;

    private bool hasServed;

    /// <summary>Before the call is sent. False: it is not to be sent, and its end has been reported.</summary>
    private bool PrepareLimits(Call call, Limits its)
    {
        if (settings.Limits is not { } watch)
            return true;   // only the wall time is limited, which the owner enforces
        try
        {
            limits ??= new WorkerLimits(process!.Id, watch.Places, begun => ClockOf(begun, begun.BegunAt), settings.TransferTimeout, (late, reached) => owner.OnLimit(this, late, reached.ToFailure(late.Name, settings.IsReplaced)));
            if (hasServed && limits.Gauges.ResidentBytes() > its.MemoryBytes)
            {
                owner.OnWorn(this, call);
                return false;
            }
            hasServed = true;
            limits.Prepare(its);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or Win32Exception)
        {
            EndLimits();
            if (killed || process!.Ended.IsCompleted || SaysThatItIsGone(e))
                return false;   // its death is reported like any other, and the call moves to another worker
            owner.OnFinished(this, call, Outcome.Failed(new PlatformNotSupportedException($"A limit of {call.Name} could not be set, and it was not begun: {e.Message}", e)), workerUnfit: true);
            return false;
        }
    }

    private static bool SaysThatItIsGone(Exception e) => e is Win32Exception { NativeErrorCode: LibC.NoSuchProcess } or IOException { HResult: LibC.NoSuchProcess };

    private LimitReached? EndLimits()
    {
        if (limits is not { IsActive: true } active)
            return null;
        settings.Limits!.End(active);
        LimitReached? late = active.End();
        if (process!.Ended.IsCompleted || killed)
            return late;
        try
        {
            active.Lift();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or Win32Exception)
        {
            ProcessEvents.LimitNotLifted(log, e, name);
        }
        return late;
    }

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
