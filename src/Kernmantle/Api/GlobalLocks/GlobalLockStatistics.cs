namespace Kernmantle;

/// <summary>Figures of a <see cref="GlobalLock"/>, taken at one moment.</summary>
public sealed class GlobalLockStatistics
{
    internal GlobalLockStatistics()
    {
    }

    /// <summary>How often it was acquired, nested acquisitions aside.</summary>
    public long Acquisitions { get; internal init; }

    /// <summary>How often it was acquired by another thread than the one before.</summary>
    public long Switches { get; internal init; }

    /// <summary>Threads that wait for it now.</summary>
    public int Waiting { get; internal init; }

    /// <summary>How often a thread had to wait for it.</summary>
    public long Waits { get; internal init; }

    /// <summary>How long they waited altogether.</summary>
    public TimeSpan WaitTime { get; internal init; }

    /// <summary>How often a waiter asked the holder to give it up.</summary>
    public long Requests { get; internal init; }

    /// <summary>How often a holder that had been asked gave it up, and waited until another thread had it.</summary>
    public long ForcedSwitches { get; internal init; }

    /// <summary>
    /// How long it was held: of every hold that somebody had waited for, of all while it is traced, else of one in 64. Each has an upper bound, and how
    /// many were shorter than that, but not than the one before.
    /// </summary>
    public IReadOnlyList<(TimeSpan Below, long Count)> HoldTimes { get; internal init; } = [];
}
