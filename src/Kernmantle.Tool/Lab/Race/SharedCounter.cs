using System.Diagnostics;

namespace Kernmantle.Tool.Lab.Race;

/// <summary>A number in memory that two worker processes were handed; both count it up.</summary>
internal sealed class SharedCounter : IDisposable
{
    public const int Processes = 2;

    private readonly SharedValue<long> number = new();
    private readonly SharedLock mutex = new("counter");
    private readonly SharedBarrier begin = new(Processes);

    /// <summary>None begins before the other is there.</summary>
    /// <param name="pool">Of as many workers, all idle.</param>
    /// <param name="times">How often each counts.</param>
    /// <returns>The seconds that the slower one took, and how many increments were lost.</returns>
    public async Task<(double Seconds, long Lost)> RunAsync(WorkerPool pool, Guard guard, int times, CancellationToken cancellationToken)
    {
        number.Write(0);
        (SharedValue<long> counter, SharedLock gate, SharedBarrier together) = (number, mutex, begin);
        double[] seconds = await Task.WhenAll(Enumerable.Range(0, Processes).Select(_ => pool.RunAsync(
            () =>
            {
                together.SignalAndWait();
                long start = Stopwatch.GetTimestamp();
                Increment(guard, counter, gate, together, times);
                return Stopwatch.GetElapsedTime(start).TotalSeconds;
            },
            cancellationToken)));
        return (seconds.Max(), (long)Processes * times - number.Read());
    }

    public void Dispose()
    {
        number.Dispose();
        mutex.Dispose();
        begin.Dispose();
    }

    private static void Increment(Guard guard, SharedValue<long> number, SharedLock mutex, SharedBarrier together, int times)
    {
        for (int i = 0; i < times; i++)
        {
            switch (guard)
            {
                case Guard.None:
                    long read = number.Read();
                    if (i == times / 2)
                        together.SignalAndWait();   // both have read before either writes: one increment is lost even where the two never run at once
                    number.Write(read + 1);
                    break;
                case Guard.Atomic:
                    number.Add(1);
                    break;
                default:
                    using (mutex.Enter())
                        number.Write(number.Read() + 1);
                    break;
            }
        }
    }
}
