namespace Kernmantle.Child;

/// <summary>
/// The function cannot be called, or what it made cannot cross. Thrown only where that is certain: the same
/// <paramref name="reason"/> thrown by the function itself is an exception like any other.
/// </summary>
internal sealed class CallRefusal(WorkerException reason) : Exception(reason.Message, reason)
{
    public WorkerException Reason => reason;
}
