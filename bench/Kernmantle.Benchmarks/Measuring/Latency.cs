using System.Diagnostics;

namespace Kernmantle.Benchmarks.Measuring;

/// <summary>One call at a time: first unseen, until compiled and warm, then each with its own time.</summary>
internal static class Latency
{
    private const int MaxSamples = 2_000_000;

    /// <summary>On a thread of its own, which is none of the thread pool's: as the main thread of a program.</summary>
    public static Line OnDedicatedThread(Settings settings, Action once, TimeSpan pause = default)
    {
        Line? line = null;
        Exception? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                line = Measure(settings, once, pause);
            }
            catch (Exception e)
            {
                failure = e;
            }
        });
        thread.Start();
        thread.Join();
        return line ?? throw new InvalidOperationException("The measure failed.", failure);
    }

    public static async Task<Line> MeasureAsync(Settings settings, Func<Task> once)
    {
        var samples = new Samples(settings);
        long start;
        do
        {
            start = Stopwatch.GetTimestamp();
            await once();   // with the context, if there is one: as a program's own code
        }
        while (samples.Add(start, Stopwatch.GetTimestamp()));
        return samples.Reduce();
    }

    private static Line Measure(Settings settings, Action once, TimeSpan pause)
    {
        var samples = new Samples(settings);
        long start;
        do
        {
            if (pause > TimeSpan.Zero)
                Thread.Sleep(pause);
            start = Stopwatch.GetTimestamp();
            once();
        }
        while (samples.Add(start, Stopwatch.GetTimestamp()));
        return samples.Reduce();
    }

    private sealed class Samples(Settings settings)
    {
        private const int Least = 5;

        // Written once, so that no page fault is measured.
        private readonly long[] values = Touched();
        private readonly long counted = Stopwatch.GetTimestamp() + Ticks(settings.WarmMs);
        private readonly long end = Stopwatch.GetTimestamp() + Ticks(settings.WarmMs + settings.TimeMs);
        private int count;

        public bool Add(long start, long stop)
        {
            if (start >= counted)
                values[count++] = stop - start;
            return count < MaxSamples && (stop < end || count < Least);
        }

        public Line Reduce()
        {
            Span<long> samples = values.AsSpan(0, count);
            foreach (ref long sample in samples)
                sample = (long)(sample * (1e9 / Stopwatch.Frequency));
            return Line.Of(samples);
        }

        private static long Ticks(int milliseconds) => milliseconds * Stopwatch.Frequency / 1000;

        private static long[] Touched()
        {
            var values = new long[MaxSamples];
            Array.Fill(values, 1);
            return values;
        }
    }
}
