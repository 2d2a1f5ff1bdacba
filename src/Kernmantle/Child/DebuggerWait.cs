using System.Diagnostics;
using Kernmantle.Logging.Events;
using Microsoft.Extensions.Logging;

namespace Kernmantle.Child;

internal static class DebuggerWait
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    /// <summary>Waits until a managed debugger is attached, or the worker is asked to stop. Nothing tells of the first, hence the polling.</summary>
    public static void Wait(ILogger logger, CancellationToken stop)
    {
        if (Debugger.IsAttached)
            return;
        ChildEvents.WaitsForDebugger(logger, Environment.ProcessId);
        while (!Debugger.IsAttached && !stop.WaitHandle.WaitOne(Interval))
        {
            // Look again.
        }
    }
}
