using System.Diagnostics;
using Kernmantle.Scheduling.Calls;
using Kernmantle.Telemetry;

namespace Kernmantle.Scheduling;

/// <summary>
/// Measurements of calls on their way to whoever listens, whose code may throw or block: calls leave them in a ring, which costs some nanoseconds, and they are recorded on the thread pool, some
/// milliseconds later. What finds the ring full is dropped, and counted.
/// </summary>
internal sealed class CallMeasures(Scheduler scheduler, PoolSeries series, ListenerFailures failures) : IDisposable
{
    /// <summary>At half a million calls a second, what two periods bring.</summary>
    private const int Size = 1 << 14;

    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(10);

    private readonly Lock recording = new();
    private CallMeasure[]? ring;
    private Timer? timer;
    private bool isArmed;
    private long added;
    private long taken;
    private long dropped;

    /// <summary>Under the scheduler's lock.</summary>
    public void Add(in CallMeasure measure)
    {
        ring ??= new CallMeasure[Size];
        long waiting = added - Volatile.Read(ref taken);
        if (waiting == Size)
        {
            dropped++;
            return;
        }
        ring[added % Size] = measure;
        Volatile.Write(ref added, added + 1);
        if (!isArmed)
            Arm();
        else if (waiting == Size / 2)
            ThreadPool.UnsafeQueueUserWorkItem(static self => self.Record(), this, preferLocal: false);
    }

    /// <summary>Records what there is, unless another thread is at it. Runs the user's code: outside of every lock but its own.</summary>
    public void Record()
    {
        if (!recording.TryEnter())
            return;
        try
        {
            long end = Volatile.Read(ref added), bytes = 0;
            for (; taken < end; Volatile.Write(ref taken, taken + 1))
            {
                ref CallMeasure measure = ref ring![taken % Size];
                bytes += measure.Bytes;
                Record(measure);
                measure = default;
            }
            Count(series.Instruments.Sent, bytes);
            Count(series.Instruments.Dropped, TakeDropped());
        }
        finally
        {
            recording.Exit();
        }
    }

    public void Dispose() => timer?.Dispose();

    private void Arm()
    {
        isArmed = true;
        timer ??= new(static self => ((CallMeasures)self!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);   // the machine's time, whatever clock the pool has
        timer.Change(Period, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Under the lock it is decided whether there is another turn, so that nothing is left in the ring with no one to come.</summary>
    private void OnTimer()
    {
        Record();
        lock (scheduler.Gate)
        {
            isArmed = false;
            if (added != taken && !scheduler.Shutdown.IsOver)
                Arm();
        }
    }

    private long TakeDropped()
    {
        lock (scheduler.Gate)
        {
            long now = dropped;
            dropped = 0;
            return now;
        }
    }

    private void Record(in CallMeasure measure)
    {
        try
        {
            if (measure.Waited > 0)
                series.Instruments.QueueWait.Record(Seconds(measure.Waited), series.Tags);
            if (measure.IsOne)
                series.Instruments.CallDuration.Record(Seconds(measure.Took), series.Of(measure.Name, CallLabels.OutcomeOf(measure.Failure, measure.IsCancelled), CallLabels.ErrorOf(measure.Failure, measure.IsCancelled)));
        }
        catch (Exception e)
        {
            failures.Tell(e);
        }
    }

    private void Count(System.Diagnostics.Metrics.Counter<long> counter, long count)
    {
        try
        {
            if (count > 0)
                counter.Add(count, series.Tags);
        }
        catch (Exception e)
        {
            failures.Tell(e);
        }
    }

    private static double Seconds(long ticks) => (double)ticks / Stopwatch.Frequency;
}

/// <summary>What there is to record of a call that has ended.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Took">From when it was made until its end.</param>
/// <param name="Waited">Of that, how long for a worker; 0 for not at all.</param>
/// <param name="Bytes">What it carried.</param>
/// <param name="Failure">Null for none.</param>
/// <param name="IsCancelled">It was cancelled.</param>
/// <param name="IsOne">It is one call, no part of a map.</param>
internal readonly record struct CallMeasure(string Name, long Took, long Waited, int Bytes, Exception? Failure, bool IsCancelled, bool IsOne);
