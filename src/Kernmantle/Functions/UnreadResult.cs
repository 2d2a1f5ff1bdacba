using Kernmantle.Payloads;
using Kernmantle.Wire.Bytes;

namespace Kernmantle.Functions;

/// <summary>
/// What becomes of a call whose result, or item, could not be read. If it was the program's own code that threw while the value was made (a constructor, a setter), the
/// call fails with that, as if its function had thrown it: its worker is not to blame. Else the bytes are wrong, and whoever wrote them ends.
/// </summary>
internal static class UnreadResult
{
    /// <summary>The failure of the call; null if the bytes are to blame.</summary>
    /// <param name="unread">What reading threw.</param>
    /// <param name="worker">The worker's name; null if none is known.</param>
    /// <param name="call">The call's name; null if none is known.</param>
    public static RemoteException? FailureOf(InvalidPayloadException unread, string? worker, string? call)
    {
        if (!ProgramCode.Threw(unread))
            return null;
        Exception thrown = unread.GetBaseException();
        return RemoteFailure.Of(thrown).ToException(worker, call, thrown);
    }
}
