namespace Kernmantle;

/// <summary>The classes of failure a call may be repeated after.</summary>
[Flags]
public enum FailureKinds
{
    /// <summary>None: at most once.</summary>
    None = 0,

    /// <summary>The worker died (<see cref="WorkerCrashedException"/>).</summary>
    Crash = 1,

    /// <summary>The call timed out (<see cref="CallTimeoutException"/>); not where the function is still running.</summary>
    Timeout = 2,

    /// <summary>The worker reached its memory limit (<see cref="MemoryLimitException"/>).</summary>
    Memory = 4,

    /// <summary>The function threw (<see cref="RemoteException"/>).</summary>
    Exception = 8,
}
