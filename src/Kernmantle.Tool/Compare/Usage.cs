using System.Globalization;

namespace Kernmantle.Tool.Compare;

/// <summary>What this process has used so far.</summary>
internal sealed record Usage(double Processor, long PeakMemory, long Allocated, double GcPause, long Switches)
{
    public static Usage Here() => new(
        Environment.CpuUsage.TotalTime.TotalSeconds,
        Kilobytes("/proc/self/status", "VmHWM:"),
        GC.GetTotalAllocatedBytes(),
        GC.GetTotalPauseDuration().TotalSeconds,
        SwitchesOf(Environment.ProcessId));

    /// <summary>From <paramref name="before"/> to now; the peak is that of the whole life.</summary>
    public Usage Since(Usage before) =>
        new(Processor - before.Processor, PeakMemory, Allocated - before.Allocated, GcPause - before.GcPause, Switches - before.Switches);

    public Usage Plus(Usage other) =>
        new(Processor + other.Processor, PeakMemory + other.PeakMemory, Allocated + other.Allocated, GcPause + other.GcPause, Switches + other.Switches);

    /// <summary>What other processes have used: for interpreters, which do not say it themselves.</summary>
    public static Usage Of(IEnumerable<int> processes)
    {
        Usage sum = new(0, 0, 0, 0, 0);
        foreach (int child in processes)
        {
            try
            {
                string stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{child}/stat"));
                string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
                double ticks = long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture);
                sum = sum.Plus(new(ticks / 100, Kilobytes($"/proc/{child}/status", "VmHWM:"), 0, 0, SwitchesOf(child)));
            }
            catch (Exception e) when (e is IOException or InvalidOperationException)
            {
                // It has ended since.
            }
        }
        return sum;
    }

    private static long SwitchesOf(int process)
    {
        long sum = 0;
        foreach (string task in Directory.GetDirectories(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/task")))
        {
            try
            {
                sum += File.ReadLines(Path.Combine(task, "status")).Where(static l => l.Contains("voluntary_ctxt_switches", StringComparison.Ordinal)).Sum(static l => long.Parse(l.Split('\t', ' ')[^1], CultureInfo.InvariantCulture));
            }
            catch (IOException)
            {
                // The thread has ended since.
            }
        }
        return sum;
    }

    private static long Kilobytes(string file, string name) =>
        long.Parse(File.ReadLines(file).First(line => line.StartsWith(name, StringComparison.Ordinal)).Split(' ', '\t', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) << 10;
}
