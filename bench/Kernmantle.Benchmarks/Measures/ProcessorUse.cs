using System.Diagnostics;
using System.Globalization;

namespace Kernmantle.Benchmarks.Measures;

/// <summary>What this process and its workers take of the processors.</summary>
internal static class ProcessorUse
{
    /// <summary>Seconds, user and system.</summary>
    public static double Seconds(int[] workers) => Environment.CpuUsage.TotalTime.TotalSeconds + workers.Sum(OfProcess);

    /// <summary>While something runs: as a multiple of the time that it takes.</summary>
    public static double Share(int[] workers, Action work)
    {
        double before = Seconds(workers);
        var watch = Stopwatch.StartNew();
        work();
        double elapsed = watch.Elapsed.TotalSeconds;
        return (Seconds(workers) - before) / elapsed;
    }

    private static double OfProcess(int id)
    {
        // After the name, which may hold anything but ends with the last parenthesis: fields 14 and 15, in ticks of 10 ms.
        string stat = File.ReadAllText($"/proc/{id}/stat");
        string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return (double.Parse(fields[11], CultureInfo.InvariantCulture) + double.Parse(fields[12], CultureInfo.InvariantCulture)) / 100;
    }
}
