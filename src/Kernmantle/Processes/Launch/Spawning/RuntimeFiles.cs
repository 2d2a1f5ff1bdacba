using System.Globalization;
using System.Text;

namespace Kernmantle.Processes.Launch.Spawning;

/// <summary>
/// What a .NET process puts into its temporary folder for diagnostic tools: a socket and two pipes. It removes them when it exits in
/// order; after a kill or a crash they stay for ever, unless we remove them.
/// </summary>
internal static class RuntimeFiles
{
    /// <summary>Where in <c>/proc/PID/stat</c>, after the name, the start time stands; it is part of the files' names.</summary>
    private const int StartTimeField = 19;

    /// <summary>The files of a child that has ended but has not been reaped: its start time can still be read.</summary>
    public static IReadOnlyList<string> Of(int processId, string folder)
    {
        string stat;
        try
        {
            stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}/stat"), Encoding.Latin1);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];   // hidepid, or no /proc: nothing can be told
        }
        string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        if (fields.Length <= StartTimeField)
            return [];
        string key = string.Create(CultureInfo.InvariantCulture, $"{processId}-{fields[StartTimeField]}");
        return
        [
            Path.Combine(folder, $"dotnet-diagnostic-{key}-socket"),
            Path.Combine(folder, $"clr-debug-pipe-{key}-in"),
            Path.Combine(folder, $"clr-debug-pipe-{key}-out"),
        ];
    }

    /// <summary>Removes what is there.</summary>
    public static void Remove(IReadOnlyList<string> files)
    {
        foreach (string file in files)
        {
            try
            {
                File.Delete(file);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Its folder is gone or is not ours: then so is the file, or it is none of ours.
            }
        }
    }
}
