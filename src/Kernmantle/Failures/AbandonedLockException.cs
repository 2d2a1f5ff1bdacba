namespace Kernmantle;

/// <summary>
/// The worker that held a shared lock died meanwhile, so what the lock protects may be half changed. Everything else is usable: the lock is free, and stays flagged until an owner has said
/// <see cref="SharedLock.MarkConsistent"/>. Who can mend the data takes the lock by <see cref="SharedLock.TryEnter"/>, which says <see cref="LockTaken.Abandoned"/> and throws nothing.
/// </summary>
public sealed class AbandonedLockException : WorkerException
{
    /// <summary>Creates it, for tests of code that handles it.</summary>
    /// <param name="message">What happened.</param>
    public AbandonedLockException(string message)
        : base(message)
    {
    }

    internal AbandonedLockException()
        : this("The worker that held this lock died, so what it protects may be half changed. Take it by TryEnter (LockTaken.Abandoned), mend the data, and call MarkConsistent.")
    {
    }
}
