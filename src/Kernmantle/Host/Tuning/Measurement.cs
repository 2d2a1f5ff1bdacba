using System.Diagnostics;
using System.Runtime.InteropServices;
using Kernmantle.Platform.Linux;

namespace Kernmantle.Host.Tuning;

/// <summary>Two threads that pass a word to each other: first awake, then with one of them asleep each time. Ends by the clock, whatever the machine is busy with.</summary>
internal sealed unsafe class Measurement : IDisposable
{
    private const int RoundTrips = 100, WakeUps = 6, LeastWakeUps = 3, Line = 64;

    /// <summary>How long the other one sleeps before it is woken: its core is idle by then.</summary>
    private static readonly long Nap = Ticks(80);

    private static readonly long RoundTripBound = Ticks(300), WakeUpBound = Ticks(1000), Bound = Ticks(1600);

    private readonly byte* memory = (byte*)NativeMemory.AlignedAlloc(3 * Line, Line);

    private Measurement() => NativeMemory.Clear(memory, 3 * Line);

    /// <summary>The last that was asked: numbers from 1, and <see cref="Over"/>. On its own line.</summary>
    private ref int Asked => ref *(int*)memory;

    /// <summary>The last that was answered.</summary>
    private ref int Answered => ref *(int*)(memory + Line);

    /// <summary>When the last wake-up was answered.</summary>
    private ref long AnsweredAt => ref *(long*)(memory + (2 * Line));

    private const int Over = int.MaxValue;

    /// <summary>Null where the machine is too busy to say.</summary>
    public static (TimeSpan RoundTrip, TimeSpan WakeUp)? Take()
    {
        using var measurement = new Measurement();
        var other = new Thread(measurement.Answer, 64 << 10) { IsBackground = true, Name = "Kernmantle tuning" };
        other.Start();
        try
        {
            return measurement.Ask();
        }
        finally
        {
            Volatile.Write(ref measurement.Asked, Over);
            Futex.Signal(ref measurement.Asked);   // makes it another number, which the other one takes for the end as well
            other.Join();
        }
    }

    public void Dispose() => NativeMemory.AlignedFree(memory);

    private (TimeSpan RoundTrip, TimeSpan WakeUp)? Ask()
    {
        long started = Stopwatch.GetTimestamp();
        if (!IsAnswered(1, started, Bound))   // it runs
            return null;
        long first = Stopwatch.GetTimestamp(), since = first;
        int number = 1;
        while (number <= RoundTrips && IsAnswered(number + 1, since, RoundTripBound))
            number++;
        TimeSpan roundTrip = number > RoundTrips ? Stopwatch.GetElapsedTime(first) / RoundTrips : TimeSpan.Zero;
        var samples = new List<long>(WakeUps);
        while (samples.Count < WakeUps && Stopwatch.GetTimestamp() - started < Bound)
        {
            for (long asleep = Stopwatch.GetTimestamp(); Stopwatch.GetTimestamp() - asleep < Nap;)
                Thread.SpinWait(10);
            int next = Volatile.Read(ref Answered) + 1;
            since = Stopwatch.GetTimestamp();
            Futex.Signal(ref Asked);   // the next number
            while (Volatile.Read(ref Answered) != next)
            {
                if (Stopwatch.GetTimestamp() - since > WakeUpBound)
                    return null;   // its core is somebody else's
                Thread.SpinWait(1);
            }
            samples.Add(Volatile.Read(ref AnsweredAt) - since);
        }
        samples.Sort();
        return samples.Count < LeastWakeUps ? null : (roundTrip, Stopwatch.GetElapsedTime(0, samples[samples.Count / 2]));
    }

    private bool IsAnswered(int number, long since, long bound)
    {
        Volatile.Write(ref Asked, number);
        while (Volatile.Read(ref Answered) != number)
        {
            if (Stopwatch.GetTimestamp() - since > bound)
                return false;
            Thread.SpinWait(1);
        }
        return true;
    }

    /// <summary>The other thread: answers awake as long as it is asked soon, and sleeps then.</summary>
    private void Answer()
    {
        int seen = 0;
        while (true)
        {
            long since = Stopwatch.GetTimestamp();
            while (Volatile.Read(ref Asked) == seen && Stopwatch.GetTimestamp() - since < Nap / 4)
                Thread.SpinWait(1);
            while (Volatile.Read(ref Asked) == seen)
                Futex.Wait(ref Asked, seen);
            seen = Volatile.Read(ref Asked);
            if (seen is Over or < 0)   // signalling the end counts on from it
                return;
            Volatile.Write(ref AnsweredAt, Stopwatch.GetTimestamp());
            Volatile.Write(ref Answered, seen);
        }
    }

    private static long Ticks(int microseconds) => Stopwatch.Frequency * microseconds / 1_000_000;
}
