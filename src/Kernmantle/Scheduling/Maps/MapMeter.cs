using Kernmantle.Logging.Events;

namespace Kernmantle.Scheduling.Maps;

/// <summary>Tells a sink how far a map is. By the thread that takes the results.</summary>
internal sealed class MapMeter(Scheduler scheduler, IProgress<MapProgress> sink, Func<string> name, long? total)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly long started = scheduler.Clock.GetTimestamp();
    private long told = scheduler.Clock.GetTimestamp();
    private long done;
    private long failed;

    /// <summary>For a map with such options; null if nobody is to be told.</summary>
    public static MapMeter? Of<T>(Scheduler scheduler, Func<string> name, IAsyncEnumerable<T> inputs, CallOptions options)
    {
        if (options.MapProgress is not { } sink)
            return null;
        long? total = inputs switch
        {
            MemoryInputs<T> memory => memory.Memory.Length,
            ListedInputs<T> listed when listed.Source.TryGetNonEnumeratedCount(out int count) => count,
            _ => null,
        };
        return new(scheduler, sink, name, total);
    }

    /// <summary>The map, from when it begins with such a meter, where its options want one.</summary>
    public static IAsyncEnumerable<MapResult<T, TResult>> Metered<T, TResult>(Scheduler scheduler, Func<string> name, IAsyncEnumerable<T> inputs, CallOptions options, IAsyncEnumerable<MapResult<T, TResult>> results) =>
        options.MapProgress is null ? results : Mapping.MeteredAsync(results, () => Of(scheduler, name, inputs, options)!);

    /// <summary>So many more are done, and of them so many have failed.</summary>
    public void Count(long more, long failures)
    {
        done += more;
        failed += failures;
        long now = scheduler.Clock.GetTimestamp();
        if (scheduler.Clock.GetElapsedTime(told, now) < Pause)
            return;
        told = now;
        Tell();
    }

    /// <summary>For the last time: there are no more.</summary>
    public void End()
    {
        total ??= done;
        Tell();
    }

    private void Tell()
    {
        try
        {
            sink.Report(new(done, failed, total, scheduler.Clock.GetElapsedTime(started)));
        }
        catch (Exception e)
        {
            CallEvents.ProgressSinkThrew(scheduler.Log, e, name());
        }
    }
}
