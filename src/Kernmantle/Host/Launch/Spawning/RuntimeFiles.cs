using System.Globalization;

namespace Kernmantle.Host.Launch.Spawning;

/// <summary>
/// What a .NET process puts into its temporary folder for diagnostic tools: a socket and two pipes. It removes them when it exits in
/// order; after a kill or a crash they stay for ever, unless we remove them.
/// </summary>
internal static class RuntimeFiles
{
    /// <summary>The files of a child that has ended but has not been reaped: its start time can still be read.</summary>
    public static IReadOnlyList<string> Of(int processId, string folder)
    {
        // Nothing: hidepid, or no /proc.
        return HostMark.StartTimeOf(processId) is { } start ? Named(string.Create(CultureInfo.InvariantCulture, $"{processId}-{start}"), folder) : [];
    }

    /// <param name="key">The process's number and the start time that <c>/proc</c> has of it.</param>
    /// <param name="folder">The process's temporary folder.</param>
    public static IReadOnlyList<string> Named(string key, string folder) =>
    [
        Path.Combine(folder, $"dotnet-diagnostic-{key}-socket"),
        Path.Combine(folder, $"clr-debug-pipe-{key}-in"),
        Path.Combine(folder, $"clr-debug-pipe-{key}-out"),
    ];

    /// <summary>Removes what is there, and returns how many that was.</summary>
    public static int Remove(IReadOnlyList<string> files)
    {
        int removed = 0;
        foreach (string file in files)
        {
            try
            {
                if (!File.Exists(file))
                    continue;
                File.Delete(file);
                removed++;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Its folder is gone or is not ours: then so is the file, or it is none of ours.
            }
        }
        return removed;
    }
}
