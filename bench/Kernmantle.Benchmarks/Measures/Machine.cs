using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using Kernmantle.Benchmarks.Measuring;

namespace Kernmantle.Benchmarks.Measures;

/// <summary>What the machine itself takes, whatever runs on it: the yardstick of every other figure, and what tells whether it stayed the same.</summary>
internal static unsafe class Machine
{
    private const int CopiedBytes = 64 << 20, CacheLine = 64;

    public static Task<Line[]> MeasureAsync(Settings settings)
    {
        int[] processors = Linux.AllowedProcessors();
        Settings third = settings with { WarmMs = settings.WarmMs / 3, TimeMs = settings.TimeMs / 3 };
        var lines = new List<Line>();
        if (processors.Length > 1)
            lines.Add(Exchange(third, processors[0], processors[1], sleeps: false) with { Metric = "round-trip" });

        // There and back are two wake-ups.
        Line both = Exchange(third, processors[0], processors[^1], sleeps: true);
        lines.Add(both with { Metric = "wake-up", Min = both.Min / 2, P50 = both.P50 / 2, P99 = both.P99 / 2 });
        lines.Add(Copy(third));
        return Task.FromResult(lines.ToArray());
    }

    /// <summary>Two threads, each on its processor, take turns on two words in cache lines of their own.</summary>
    private static Line Exchange(Settings settings, int here, int there, bool sleeps)
    {
        int* ping = (int*)NativeMemory.AlignedAlloc(4 * CacheLine, CacheLine), pong = ping + (2 * CacheLine / sizeof(int));
        (*ping, *pong) = (0, 0);
        try
        {
            var other = new Thread(() =>
            {
                Linux.Pin(there);
                for (int turn = 1; WaitFor(ping, turn, sleeps); turn++)
                    Set(pong, turn, sleeps);
            });
            other.Start();
            int asked = 0;
            Line line = Latency.OnDedicatedThread(settings, () =>
            {
                if (asked++ == 0)
                    Linux.Pin(here);
                Set(ping, asked, sleeps);
                WaitFor(pong, asked, sleeps);
            });
            Set(ping, -1, sleeps);
            other.Join();
            return line;
        }
        finally
        {
            NativeMemory.AlignedFree(ping);
        }
    }

    /// <returns>False when the other side is done.</returns>
    private static bool WaitFor(int* word, int value, bool sleeps)
    {
        int seen;
        while ((seen = Volatile.Read(ref *word)) != value)
        {
            if (seen < 0)
                return false;
            if (sleeps)
                Linux.FutexWait(word, seen);
            else if (X86Base.IsSupported)
                X86Base.Pause();
            else if (ArmBase.IsSupported)
                ArmBase.Yield();
        }
        return true;
    }

    private static void Set(int* word, int value, bool sleeps)
    {
        Volatile.Write(ref *word, value);
        if (sleeps)
            Linux.FutexWake(word);
    }

    private static Line Copy(Settings settings)
    {
        byte[] from = new byte[CopiedBytes], to = new byte[CopiedBytes];
        Array.Fill(from, (byte)1);
        Array.Fill(to, (byte)2);
        var rates = new List<double>();
        for (var watch = Stopwatch.StartNew(); watch.ElapsedMilliseconds < settings.TimeMs || rates.Count < 5;)
        {
            long start = Stopwatch.GetTimestamp();
            from.AsSpan().CopyTo(to);
            rates.Add(CopiedBytes / Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
        rates.Sort();
        return new("copy", "B/s", rates[0], rates[rates.Count / 2], rates[^1], rates.Count);
    }
}
