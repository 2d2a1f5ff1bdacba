using System.ComponentModel;
using System.Diagnostics;
using Kernmantle;

namespace Pipeline;

/// <summary>Kills one of the processes after the other.</summary>
internal static class Killer
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <returns>How many it killed.</returns>
    public static async Task<int> RunAsync(SharedArray<int> processes, CancellationToken over)
    {
        int killed = 0;
        using var timer = new PeriodicTimer(Pause);
        try
        {
            for (int place = 0; await timer.WaitForNextTickAsync(over); place = (place + 1) % processes.Length)
                killed += processes.Exchange(place, 0) is not 0 and int process && TryKill(process) ? 1 : 0;
        }
        catch (OperationCanceledException)
        {
            // The work is done.
        }
        return killed;
    }

    private static bool TryKill(int process)
    {
        try
        {
            using var found = Process.GetProcessById(process);
            found.Kill();
            return true;
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or Win32Exception)
        {
            return false;   // it has just ended by itself
        }
    }
}
