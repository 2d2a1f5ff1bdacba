using System.Globalization;

namespace Kernmantle;

/// <summary>
/// A worker that had this barrier or countdown died, and might be the one that the others wait for. The object is of no further use; workers and pools are.
/// </summary>
public sealed class ParticipantLostException : WorkerException
{
    /// <summary>Creates it, for tests of code that handles it.</summary>
    /// <param name="workerId">The worker's id (<see cref="WorkerContext.Id"/>).</param>
    public ParticipantLostException(int workerId)
        : base(string.Create(CultureInfo.InvariantCulture, $"Worker {workerId} died, which had this object and might be the one that is waited for: nobody waits for it any more. Make a new object for those that are left."))
    {
        WorkerId = workerId;
    }

    /// <summary>The worker's id (<see cref="WorkerContext.Id"/>).</summary>
    public int WorkerId { get; }
}
