using System.Globalization;
using Kernmantle.Platform.Linux;
using Microsoft.Win32.SafeHandles;

namespace Kernmantle.Diagnostics;

/// <summary>
/// A process whose observer was killed before it had let go. The system lets go then, but the stop signal of the attachment may still be under
/// way, and would leave the process stopped for good (ptrace(2), "Attaching and detaching").
/// </summary>
internal static class LeftBehind
{
    private const int SigCont = 18;

    /// <summary>The observer has been sent its kill, and dies within moments.</summary>
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(5), Look = TimeSpan.FromMilliseconds(1);

    public static bool IsStopped(int processId) => Field(processId, "State:") is { } state && state.StartsWith('T');

    /// <summary>Waits until nobody observes the process, and lets it go on, unless somebody had stopped it before.</summary>
    public static async Task ResumeAsync(int processId, bool stoppedBefore)
    {
        if (!OperatingSystem.IsLinux() || stoppedBefore)
            return;
        using var bound = new CancellationTokenSource(Bound);
        while (Field(processId, "TracerPid:") is not (null or "0") && !bound.IsCancellationRequested)
            await Task.Delay(Look).ConfigureAwait(false);
        using SafeFileHandle process = ProcessFd.TryOpen(processId);
        if (!process.IsInvalid)
            ProcessFd.Signal(process, SigCont);
    }

    private static string? Field(int processId, string name)
    {
        try
        {
            return File.ReadLines(string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}/status")).FirstOrDefault(l => l.StartsWith(name, StringComparison.Ordinal))?[name.Length..].Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;   // it has ended
        }
    }
}
