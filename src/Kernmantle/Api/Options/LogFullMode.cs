namespace Kernmantle;

/// <summary>
/// What happens to a worker's log records while the host, busy with a log provider that is slower than the worker, has no room for more
/// of them (see <see cref="ProcessPoolOptions.RingBytes"/>).
/// </summary>
public enum LogFullMode
{
    /// <summary>The worker waits until there is room: nothing is lost, and it is slowed down to what the host can take.</summary>
    Wait,

    /// <summary>
    /// Records are dropped. One says from where on, and one how many there were, as soon as there is room or the call ends. For debug output
    /// that must not slow the work down.
    /// </summary>
    Drop,

    /// <summary>
    /// The host's memory grows: nothing is lost, and the worker waits only for the host to copy. Over sockets, where all that waits lies in the
    /// system's own buffers, it is as <see cref="Wait"/>. Only for workers that are trusted with the host's memory.
    /// </summary>
    Grow,
}
