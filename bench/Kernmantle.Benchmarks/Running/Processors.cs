using System.Diagnostics;
using System.Globalization;

namespace Kernmantle.Benchmarks.Running;

/// <summary>Which processors a measure may use, and what keeps them busy.</summary>
internal static class Processors
{
    /// <summary>The two processors of every measure, so that figures of a large machine mean the same; null where there are no more.</summary>
    public static string? Pair { get; } = Allowed() is { Length: > 2 } all ? $"{all[0]},{all[1]}" : null;

    public static string First { get; } = Allowed()[0].ToString(CultureInfo.InvariantCulture);

    /// <summary>Those that measures run on.</summary>
    public static IReadOnlyCollection<int> Used { get; } = [.. Allowed().Take(2)];

    /// <summary>Loops without a pause, one for each of the two processors.</summary>
    public static IDisposable KeepBusy() => new Loops();

    private static int[] Allowed()
    {
        const string Key = "Cpus_allowed_list:";
        string line = File.ReadLines("/proc/self/status").First(static l => l.StartsWith(Key, StringComparison.Ordinal));
        return [.. line[Key.Length..].Trim().Split(',').SelectMany(static range =>
        {
            int[] ends = [.. range.Split('-').Select(static n => int.Parse(n, CultureInfo.InvariantCulture))];
            return Enumerable.Range(ends[0], ends[^1] - ends[0] + 1);
        })];
    }

    private sealed class Loops : IDisposable
    {
        private readonly Process[] loops = [.. Enumerable.Range(0, Math.Min(Allowed().Length, 2)).Select(static _ => Start())];

        public void Dispose()
        {
            foreach (Process loop in loops)
            {
                loop.Kill();
                loop.WaitForExit();
                loop.Dispose();
            }
        }

        private static Process Start()
        {
            // Looks for its parent now and then: whatever ends this program, no loop is left.
            string[] loop = ["sh", "-c", "while kill -0 $PPID 2>/dev/null; do i=0; while [ $i -lt 200000 ]; do i=$((i + 1)); done; done"];
            string[] command = Pair is null ? loop : ["taskset", "-c", Pair, .. loop];
            return Process.Start(new ProcessStartInfo(command[0], command[1..]))!;
        }
    }
}
