using System.Globalization;

namespace Kernmantle.Benchmarks.Running;

/// <summary>What some processors did since the system's start, in ticks of the kernel's clock (<c>/proc/stat</c>).</summary>
/// <param name="Busy">With programs and the kernel.</param>
/// <param name="Stolen">Given to other virtual machines by the host.</param>
internal readonly record struct ProcessorTimes(long Busy, long Idle, long Stolen)
{
    private long Total => Busy + Idle + Stolen;

    /// <summary>The share that was busy since <paramref name="earlier"/>; 0 to 1.</summary>
    public double BusySince(ProcessorTimes earlier) => Total == earlier.Total ? 0 : (double)(Busy - earlier.Busy) / (Total - earlier.Total);

    /// <summary>The share that was stolen since <paramref name="earlier"/>; 0 to 1.</summary>
    public double StolenSince(ProcessorTimes earlier) => Total == earlier.Total ? 0 : (double)(Stolen - earlier.Stolen) / (Total - earlier.Total);

    public static ProcessorTimes Now(IReadOnlyCollection<int> processors) => Parse(File.ReadLines("/proc/stat"), processors);

    /// <summary>Lines such as <c>cpu0 user nice system idle iowait irq softirq steal guest guest_nice</c>; guests are counted in user and nice.</summary>
    public static ProcessorTimes Parse(IEnumerable<string> stat, IReadOnlyCollection<int> processors)
    {
        HashSet<string> names = [.. processors.Select(static n => string.Create(CultureInfo.InvariantCulture, $"cpu{n}"))];
        long busy = 0, idle = 0, stolen = 0;
        foreach (string line in stat)
        {
            string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words.Length < 5 || !names.Contains(words[0]))
                continue;
            long[] times = [.. words.Skip(1).Take(8).Select(static word => long.Parse(word, CultureInfo.InvariantCulture))];
            idle += times[3] + times.ElementAtOrDefault(4);
            busy += times[0] + times[1] + times[2] + times.ElementAtOrDefault(5) + times.ElementAtOrDefault(6);
            stolen += times.ElementAtOrDefault(7);
        }
        return new(busy, idle, stolen);
    }
}
