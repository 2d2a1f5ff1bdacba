namespace Kernmantle.Python.Sharing;

/// <summary>What an exception of an operation is called in Python: one of those that the agent knows.</summary>
internal static class FailureNames
{
    public static string Of(Exception failure) => failure switch
    {
        AbandonedLockException => "AbandonedLock",
        DeadlockException => "Deadlock",
        ParticipantLostException => "ParticipantLost",
        ObjectDisposedException => "Disposed",
        TimeoutException => "TimeoutError",
        NotPortableException or NotSupportedException => "TypeError",
        ArgumentException or SemaphoreFullException or PayloadTooLargeException => "ValueError",
        InsufficientMemoryException => "MemoryError",
        _ => "RuntimeError",
    };
}
