namespace Kernmantle.Platform.Linux;

/// <summary>Which signals wait for a thread or its process, and which it lets wait; bit n - 1 for signal n (proc_pid_status(5)).</summary>
internal readonly record struct ThreadSignals(ulong Pending, ulong Blocked)
{
    public bool IsPending(int signal) => (Pending >> (signal - 1) & 1) != 0;

    public bool IsBlocked(int signal) => (Blocked >> (signal - 1) & 1) != 0;
}
