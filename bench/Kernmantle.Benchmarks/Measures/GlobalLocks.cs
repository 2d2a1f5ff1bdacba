using System.Diagnostics;
using Kernmantle.Benchmarks.Measuring;

namespace Kernmantle.Benchmarks.Measures;

/// <summary>A lock that is free, taken and given back; and one that two threads want all the time.</summary>
internal static class GlobalLocks
{
    /// <summary>Operations between two looks at the clock: one takes less time than a look.</summary>
    private const int Batch = 1000;

    private const int MostHolds = 1_000_000;

    private static long counter;

    public static Task<Line[]> PairAsync(Settings settings)
    {
        var gil = new GlobalLock();
        return Task.FromResult<Line[]>([Each(settings, Batch, () =>
        {
            for (int i = 0; i < Batch; i++)
            {
                using (gil.Acquire())
                    counter++;
            }
        })]);
    }

    public static Task<Line[]> CheckpointAsync(Settings settings)
    {
        var gil = new GlobalLock();
        return Task.FromResult<Line[]>([Each(settings, Batch, () =>
        {
            using (gil.Acquire())
            {
                for (int i = 0; i < Batch; i++)
                    gil.Checkpoint();
            }
        })]);
    }

    public static Task<Line[]> MonitorAsync(Settings settings)
    {
        object gate = new();
        return Task.FromResult<Line[]>([Each(settings, Batch, () =>
        {
            for (int i = 0; i < Batch; i++)
            {
                lock (gate)
                    counter++;
            }
        })]);
    }

    public static Task<Line[]> LockAsync(Settings settings)
    {
        Lock gate = new();
        return Task.FromResult<Line[]>([Each(settings, Batch, () =>
        {
            for (int i = 0; i < Batch; i++)
            {
                lock (gate)
                    counter++;
            }
        })]);
    }

    /// <summary>How long each of two threads that never wait for anything, and come to a checkpoint all the time, has the lock at a stretch.</summary>
    public static Task<Line[]> HoldsAsync(Settings settings)
    {
        var gil = new GlobalLock();
        long end = Stopwatch.GetTimestamp() + ((settings.WarmMs + settings.TimeMs) * Stopwatch.Frequency / 1000);
        Thread[] threads = [.. Enumerable.Range(0, 2).Select(_ => new Thread(() =>
        {
            using (gil.Acquire())
            {
                while (Stopwatch.GetTimestamp() < end)
                    gil.Checkpoint();
            }
        }))];
        foreach (Thread thread in threads)
            thread.Start();
        Thread.Sleep(settings.WarmMs);
        using GlobalLockTrace trace = gil.StartTrace(MostHolds);
        foreach (Thread thread in threads)
            thread.Join();
        long[] holds = [.. trace.Holds.Where(static hold => hold.Why == GlobalLockRelease.Requested).Select(static hold => (long)(hold.To - hold.From).TotalNanoseconds)];
        return Task.FromResult<Line[]>([Line.Of(holds), Line.Of(gil.SwitchInterval.TotalNanoseconds, "ns", "interval")]);
    }

    /// <summary>The time of one operation, each sample the mean of a batch.</summary>
    internal static Line Each(Settings settings, int operations, Action batch)
    {
        var samples = new List<double>();
        long now = Stopwatch.GetTimestamp();
        long counted = now + (settings.WarmMs * Stopwatch.Frequency / 1000), end = counted + (settings.TimeMs * Stopwatch.Frequency / 1000);
        while (now < end)
        {
            batch();
            long after = Stopwatch.GetTimestamp();
            if (now >= counted)
                samples.Add((after - now) * (1e9 / Stopwatch.Frequency) / operations);
            now = after;
        }
        samples.Sort();
        return new("", "ns", samples[0], samples[samples.Count / 2], samples[(int)(samples.Count * 99L / 100)], samples.Count);
    }
}
