namespace Kernmantle;

/// <summary>
/// Threads wait for each other's shared locks in a circle, and this one was chosen to give up (<see cref="SharedLock(string?, bool, bool)"/>). It has not got the lock that it waited for; what it has it should give back,
/// so that the others go on, and may then try again. Or: a call on an object of another worker would have waited for its own caller (<see cref="Remote{T}"/>); it was not made. Everything is usable.
/// </summary>
public sealed class DeadlockException : WorkerException
{
    /// <summary>Creates it, for tests of code that handles it.</summary>
    /// <param name="message">What happened.</param>
    public DeadlockException(string message)
        : base(message)
    {
    }

    internal DeadlockException()
        : this("This thread and others wait for each other's shared locks: it gives up, so that they can go on. The host's log names them all. Take locks in one order everywhere.")
    {
    }
}
