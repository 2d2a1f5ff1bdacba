using System.Diagnostics;
using System.Globalization;

namespace Kernmantle.Tests.Hosting;

/// <summary>Processes that another one has started, as the kernel tells.</summary>
internal static class ChildProcesses
{
    /// <summary>Those that live, and are no zombies.</summary>
    public static int[] Of(int parent) => [.. Directory.EnumerateDirectories("/proc").Select(static path => int.TryParse(Path.GetFileName(path), NumberStyles.None, CultureInfo.InvariantCulture, out int id) ? id : 0).Where(id => id > 0 && ParentOf(id) == parent)];

    public static bool IsAlive(int process) => ParentOf(process) is not null;

    public static void Kill(int process)
    {
        try
        {
            using Process doomed = Process.GetProcessById(process);
            doomed.Kill();
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            // It has ended by itself.
        }
    }

    /// <summary>Null for one that has ended.</summary>
    private static int? ParentOf(int process)
    {
        try
        {
            string text = File.ReadAllText($"/proc/{process}/stat");
            string[] fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
            return fields[0] is "Z" or "X" ? null : int.Parse(fields[1], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return null;
        }
    }
}
