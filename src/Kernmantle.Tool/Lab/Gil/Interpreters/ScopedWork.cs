using System.Diagnostics;
using Kernmantle.Tool.Lab.Running;

namespace Kernmantle.Tool.Lab.Gil.Interpreters;

/// <summary>How the work begins in a worker.</summary>
/// <param name="Folder">Where the engine's assemblies are.</param>
/// <param name="Source">kern_lab_work.py.</param>
/// <param name="Scopes">One for each thread, so that they share no functions.</param>
internal sealed record ScopedStart(string Folder, string Source, int Scopes);

/// <summary>The units of work by threads of .NET in Python code, in a worker process.</summary>
internal sealed class ScopedWork
{
    private const int FirstSteps = 20_000, Runs = 5, Steady = 3;
    private static readonly TimeSpan Most = TimeSpan.FromSeconds(3);

    private readonly Func<int, object?>[] compute;
    private readonly Func<double, object?> wait;
    private readonly Func<int, object?> count, countCalled;
    private readonly Func<object?> taken;

    private ScopedWork(string version, Func<int, object?>[] compute, Func<double, object?> wait, Func<int, object?> count, Func<int, object?> countCalled, Func<object?> taken) =>
        (Version, this.compute, this.wait, this.count, this.countCalled, this.taken) = (version, compute, wait, count, countCalled, taken);

    public string Version { get; }

    public static ScopedWork Open<TEngine>(ScopedStart start)
        where TEngine : IScopeEngine<TEngine>
    {
        TEngine engine = TEngine.Start(start.Folder);
        object[] scopes = [.. Enumerable.Range(0, start.Scopes).Select(_ => engine.Open(start.Source))];
        return new(
            engine.Version,
            [.. scopes.Select(scope => engine.Function<Func<int, object?>>(scope, "compute"))],
            engine.Function<Func<double, object?>>(engine.Open("from time import sleep"), "sleep"),
            engine.Function<Func<int, object?>>(scopes[0], "count"),
            engine.Function<Func<int, object?>>(scopes[0], "count_called"),
            engine.Function<Func<object?>>(scopes[0], "taken"));
    }

    /// <summary>How many steps a unit is, once whole units have not become faster for a while: as <c>calibrate</c> of kern_lab.py.</summary>
    public int Calibrate()
    {
        int steps = FirstSteps;
        long begin = Stopwatch.GetTimestamp();
        for (int steady = 0; steady < Steady && Stopwatch.GetElapsedTime(begin) < Most;)
        {
            double best = Enumerable.Range(0, Runs).Min(_ => Turns.Time(() => compute[0](steps)));
            int fitting = (int)Math.Min(int.MaxValue / 2, steps * Load.Wait.TotalSeconds / Math.Max(best, 1e-9));
            steady = fitting > 1.2 * steps ? 0 : steady + 1;
            steps = Math.Max(steps, fitting);
        }
        return steps;
    }

    /// <summary>Seconds until so many threads have done all units.</summary>
    public double Run(int threads, int units, bool computing, int steps)
    {
        int left = units;
        return Crowd.Run(threads, index =>
        {
            while (Interlocked.Decrement(ref left) >= 0)
            {
                if (computing)
                    compute[index](steps);
                else
                    wait(Load.Wait.TotalSeconds);
            }
        });
    }

    /// <summary>The share of unguarded counts that are not in the total.</summary>
    public double Lost(int threads, int times, bool called)
    {
        taken();
        Crowd.Run(threads, _ => (called ? countCalled : count)(times));
        return 1 - Convert.ToDouble(taken(), System.Globalization.CultureInfo.InvariantCulture) / ((double)threads * times);
    }
}
