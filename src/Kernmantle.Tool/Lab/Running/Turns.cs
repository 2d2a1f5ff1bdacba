using System.Diagnostics;

namespace Kernmantle.Tool.Lab.Running;

/// <summary>One thing to be measured, by name.</summary>
internal sealed record Way(string Name, Func<Task<double>> Measure)
{
    public Way(string name, Func<double> measure)
        : this(name, () => Task.FromResult(measure()))
    {
    }
}

/// <summary>
/// Measures several things in turns. What disturbs the machine for a while then disturbs all of them, and neighbours can be divided
/// by each other.
/// </summary>
internal static class Turns
{
    /// <summary>Measures once without counting, then <paramref name="rounds"/> times, every other round in reverse order.</summary>
    /// <param name="budget">After this no further round is begun, but <see cref="LeastRounds"/> are made always.</param>
    public static async Task<IReadOnlyDictionary<string, IReadOnlyList<double>>> TakeAsync(LabContext context, int rounds, TimeSpan budget, params IReadOnlyList<Way> ways)
    {
        Dictionary<string, List<double>> measured = ways.ToDictionary(static way => way.Name, static _ => new List<double>());
        int steps = (rounds + 1) * ways.Count, step = 0;
        long begin = 0;
        for (int round = -1; round < rounds; round++)
        {
            if (round == 0)
                begin = Stopwatch.GetTimestamp();
            if (round >= LeastRounds && Stopwatch.GetElapsedTime(begin) > budget)
                break;
            foreach (Way way in round % 2 == 0 ? ways : ways.Reverse())
            {
                context.Step(way.Name, (double)step++ / steps);
                double value = await way.Measure();
                if (round >= 0)
                    measured[way.Name].Add(value);
            }
        }
        return measured.ToDictionary(static pair => pair.Key, static pair => (IReadOnlyList<double>)pair.Value);
    }

    public const int LeastRounds = 3;

    /// <summary>The seconds until all units are done, so many at a time: each gets the index of who does it.</summary>
    public static Task<double> SpreadAsync(int workers, int units, Func<int, Task> unit)
    {
        int left = units;
        return TimeAsync(() => Task.WhenAll(Enumerable.Range(0, workers).Select(async worker =>
        {
            while (Interlocked.Decrement(ref left) >= 0)
                await unit(worker);
        })));
    }

    /// <summary>The seconds that <paramref name="action"/> takes.</summary>
    public static double Time(Action action)
    {
        long begin = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(begin).TotalSeconds;
    }

    /// <summary>The seconds that <paramref name="action"/> takes.</summary>
    public static async Task<double> TimeAsync(Func<Task> action)
    {
        long begin = Stopwatch.GetTimestamp();
        await action();
        return Stopwatch.GetElapsedTime(begin).TotalSeconds;
    }
}
