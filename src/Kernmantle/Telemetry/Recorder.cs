using System.Diagnostics;
using Kernmantle.Logging;
using Kernmantle.Logging.Events;
using Microsoft.Extensions.Logging;

namespace Kernmantle.Telemetry;

/// <summary>
/// Ends spans where it may take its time: whoever listens is the user's code, exporters among it, which may throw, or block for ever. Calls do not wait for it, and lose nothing by it. Thread-safe.
/// </summary>
internal static class Recorder
{
    /// <summary>As many ended spans wait for a listener that is slow; more are dropped and counted.</summary>
    public const int MaxWaiting = 10_000;

    private static readonly DetachedQueue<EndedSpan> Queue = new(MaxWaiting, Record, static lost => Interlocked.Add(ref dropped, lost));
    private static long dropped;

    /// <summary>And so much of what workers have sent, in bytes: it is their word how much there is.</summary>
    private const long MostBytes = 64 << 20;

    private static long waitingBytes;

    /// <summary>Spans that were dropped since the process began.</summary>
    public static long Dropped => Interlocked.Read(ref dropped);

    public static void Add(EndedSpan span)
    {
        if (Interlocked.Add(ref waitingBytes, span.Bytes) > MostBytes)
            Interlocked.Increment(ref dropped);
        else if (Queue.TryAdd(span))
            return;
        Interlocked.Add(ref waitingBytes, -span.Bytes);
    }

    /// <summary>Completes when what has ended until now was recorded, or the bound has passed.</summary>
    public static Task FlushAsync(TimeSpan bound) => Queue.FlushAsync(bound);

    private static void Record(EndedSpan span)
    {
        Interlocked.Add(ref waitingBytes, -span.Bytes);
        span.TryRecord();
    }
}

/// <summary>A span that whoever listens is to be told of.</summary>
/// <param name="failures">Takes what they throw.</param>
/// <param name="bytes">How much a worker has sent of it.</param>
internal abstract class EndedSpan(ListenerFailures failures, int bytes = 0)
{
    public int Bytes => bytes;

    public void TryRecord()
    {
        Activity? before = Activity.Current;
        try
        {
            Record();
        }
        catch (Exception e)
        {
            failures.Tell(e);
            Activity.Current = before;
        }
    }

    protected abstract void Record();
}

/// <summary>What listeners of one pool's telemetry throw. Thread-safe.</summary>
internal sealed class ListenerFailures(ILogger log)
{
    private int told;

    /// <summary>Says it, the first time: a listener that fails, fails each time.</summary>
    public void Tell(Exception failure)
    {
        if (Interlocked.Exchange(ref told, 1) == 0)
            SystemEvents.ListenerThrew(log, failure);
    }
}
