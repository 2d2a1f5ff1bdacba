using System.Runtime.CompilerServices;

namespace Kernmantle.Tool.Lab.Running;

/// <summary>The work that is spread over workers: computing, which needs a core, and waiting, which needs none.</summary>
internal static class Load
{
    /// <summary>So many that a unit of work is far longer than handing it out.</summary>
    private const double UnitSeconds = 0.02;

    private const long Probe = 2_000_000;

    /// <summary>How long a unit of waiting waits.</summary>
    public static readonly TimeSpan Wait = TimeSpan.FromSeconds(UnitSeconds);

    /// <summary>How many steps of computing a unit is, on this machine.</summary>
    public static long CalibratedSteps()
    {
        Compute(Probe);
        double seconds = Enumerable.Range(0, 5).Min(static _ => Turns.Time(static () => Compute(Probe)));
        return (long)(Probe * UnitSeconds / seconds);
    }

    /// <summary>Computes in registers alone (Marsaglia's xorshift): neither memory nor the collector has a part in it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static ulong Compute(long steps)
    {
        ulong x = 0x9E3779B97F4A7C15;
        for (long i = 0; i < steps; i++)
        {
            x ^= x << 13;
            x ^= x >> 7;
            x ^= x << 17;
        }
        return x;
    }
}
