using Kernmantle.Logging.Events;
using Microsoft.Extensions.Logging;

namespace Kernmantle.Logging;

/// <summary>Logs the failures of calls whose tasks nobody awaited: they would be lost without a word.</summary>
internal static class UnobservedFailures
{
    private static int watching;

    /// <summary>Begins to watch, once per process.</summary>
    public static void Watch()
    {
        if (Interlocked.Exchange(ref watching, 1) == 0)
            TaskScheduler.UnobservedTaskException += static (_, e) => Report(e.Exception);
    }

    /// <summary>Called by the finalizer, which no logger may hold up or end.</summary>
    internal static void Report(AggregateException exception)
    {
        foreach (WorkerException failure in exception.Flatten().InnerExceptions.OfType<WorkerException>())
        {
            ILogger logger = failure.Origin ?? new DetachedLogger(KernmantleLog.DefaultFactory, LogCategories.Unobserved);
            CallEvents.Unobserved(logger, failure, failure.CallName);
        }
    }
}
