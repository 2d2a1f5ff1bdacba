using Kernmantle.Host.Limiting.ControlGroups;
using Kernmantle.Logging.Events;
using Kernmantle.Wire.Start;
using Microsoft.Extensions.Logging;

namespace Kernmantle.Host.Sweep;

/// <summary>
/// What hosts that were killed could not remove: control groups, with what may still run in them, and the files of their workers' runtimes. Swept
/// once in a program's life, in the background, when its first worker is ready. What is not certainly of the dead is left alone. Never fails.
/// </summary>
internal static class Leftovers
{
    private static int begun;

    /// <summary>Returns at once. Workers leave it to their host.</summary>
    public static void SweepOnce(ILogger log)
    {
        if (Volatile.Read(ref begun) == 0 && SpawnDepth.Current == 0 && Interlocked.Exchange(ref begun, 1) == 0)
            _ = Task.Run(() => SweepAsync(log));
    }

    private static async Task SweepAsync(ILogger log)
    {
        try
        {
            int files = DeadRuntimes.Sweep(Path.GetTempPath());
            int groups = 0;
            foreach (string folder in GroupPlaces.Current.Values.Select(static place => place.Folder).Distinct())
                groups += await DeadGroups.SweepAsync(folder).ConfigureAwait(false);
            if (files + groups > 0)
                SystemEvents.Swept(log, files, groups);
        }
        catch (Exception e)
        {
            SystemEvents.SweepFailed(log, e);
        }
    }
}
