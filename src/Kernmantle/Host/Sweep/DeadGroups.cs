using Kernmantle.Host.Launch.Spawning;
using Kernmantle.Host.Limiting.ControlGroups;

namespace Kernmantle.Host.Sweep;

/// <summary>Control groups whose names bear the mark of a host that has ended.</summary>
internal static class DeadGroups
{
    /// <summary>What is killed in a group takes moments to be gone from it.</summary>
    private const int Attempts = 100;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <summary>Returns how many were removed.</summary>
    public static async Task<int> SweepAsync(string place)
    {
        int removed = 0;
        foreach (string folder in Folders(place))
        {
            if (GroupPlaces.MarkOf(Path.GetFileName(folder)) is not { } mark || !HostMark.IsOfTheDead(mark))
                continue;
            bool gone = WorkerGroup.TryRemove(folder);
            for (int i = 0; i < Attempts && !gone; i++)
            {
                await Task.Delay(Pause).ConfigureAwait(false);
                gone = WorkerGroup.TryRemove(folder);
            }
            removed += gone ? 1 : 0;
        }
        return removed;
    }

    private static string[] Folders(string place)
    {
        try
        {
            return Directory.GetDirectories(place, GroupPlaces.Prefix + "*");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];   // it may not be listed: then nothing of ours was made in it
        }
    }
}
