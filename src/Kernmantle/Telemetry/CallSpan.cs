using System.Diagnostics;

namespace Kernmantle.Telemetry;

/// <summary>The span of a call, on the side of who made it: all its attempts, and its wait.</summary>
internal static class CallSpan
{
    /// <summary>On the thread of who makes the call; null if nobody wants it, or none of them takes this one. The current span stays what it was.</summary>
    /// <param name="name">The call's.</param>
    /// <param name="series">Of its pool.</param>
    /// <param name="parent">The caller's span; null for none.</param>
    /// <param name="failures">Of samplers and listeners, which run here.</param>
    public static Activity? Start(string name, PoolSeries series, Activity? parent, ListenerFailures failures)
    {
        Activity? before = Activity.Current;
        try
        {
            Activity? span = KernmantleTelemetry.Source.StartActivity(
                ActivityKind.Client,
                parent == before ? default : parent?.Context ?? default,   // that of who has waited may have ended, and cannot be current again
                [new("rpc.system.name", CallLabels.System), new("rpc.method", name), .. series.Tags],
                name: name);
            if (span is not null && parent != before)
                TakeBaggage(span, parent);
            return span;
        }
        catch (Exception e)
        {
            failures.Tell(e);
            return null;
        }
        finally
        {
            if (Activity.Current != before)
                Activity.Current = before;
        }
    }

    private static void TakeBaggage(Activity span, Activity? parent)
    {
        foreach ((string key, string? value) in parent?.Baggage.Reverse() ?? [])
            span.AddBaggage(key, value);
    }

    /// <summary>It has ended now. May be called under a lock.</summary>
    public static void End(Activity span, in CallEnd end, ListenerFailures failures) => Recorder.Add(new Ended(span, end, DateTime.UtcNow, failures));

    private sealed class Ended(Activity span, CallEnd end, DateTime time, ListenerFailures failures) : EndedSpan(failures)
    {
        protected override void Record()
        {
            if (end.Worker is not null)
                span.SetTag("kernmantle.worker", end.Worker);
            if (end.Attempts > 1)
                span.SetTag("kernmantle.attempts", end.Attempts);
            if (end.Items > 0)
                span.SetTag("kernmantle.items", end.Items);
            if (CallLabels.ErrorOf(end.Failure, end.IsCancelled) is { } error)
            {
                span.SetTag("error.type", error);
                span.SetStatus(ActivityStatusCode.Error, end.Failure?.Message ?? CallLabels.Cancelled);
            }
            if (end.Failure is WorkerCrashedException crash)
                span.SetTag("kernmantle.reason", crash.Reason.ToString());
            if (end.Failure is { } failure)
                span.AddEvent(new("exception", time, [new("exception.type", CallLabels.ErrorOf(failure, false)), new("exception.message", failure.Message), new("exception.stacktrace", failure.ToString())]));
            span.SetEndTime(time);
            span.Stop();
        }
    }
}

/// <summary>How a call came out.</summary>
/// <param name="Failure">Null for none.</param>
/// <param name="IsCancelled">It was cancelled.</param>
/// <param name="Worker">Which ran it last; null for none.</param>
/// <param name="Attempts">How many there were.</param>
/// <param name="Items">Of a part of a map, how many it stood for; else 0.</param>
internal readonly record struct CallEnd(Exception? Failure, bool IsCancelled, string? Worker, int Attempts, int Items);
