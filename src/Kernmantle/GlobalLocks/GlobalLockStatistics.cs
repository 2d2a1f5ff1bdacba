namespace Kernmantle;

/// <summary>Figures of a <see cref="GlobalLock"/>, taken at one moment.</summary>
public sealed record GlobalLockStatistics
{
    /// <summary>How often it was acquired, nested acquisitions aside.</summary>
    public required long Acquisitions { get; init; }

    /// <summary>How often it was acquired by another thread than the one before.</summary>
    public long Switches { get; init; }

    /// <summary>Threads that wait for it now.</summary>
    public int Waiting { get; init; }

    /// <summary>How often a thread had to wait for it.</summary>
    public required long Waits { get; init; }

    /// <summary>How long they waited altogether.</summary>
    public required TimeSpan WaitTime { get; init; }

    /// <summary>How often a waiter asked the holder to give it up.</summary>
    public required long Requests { get; init; }

    /// <summary>How often a holder that had been asked gave it up, and waited until another thread had it.</summary>
    public required long ForcedSwitches { get; init; }

    /// <summary>
    /// How long it was held: of every hold that somebody had waited for, of all while it is traced, else of one in 64. Each has an upper bound, and how
    /// many were shorter than that, but not than the one before.
    /// </summary>
    public required IReadOnlyList<(TimeSpan Below, long Count)> HoldTimes { get; init; }
}
