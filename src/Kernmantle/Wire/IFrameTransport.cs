namespace Kernmantle.Wire;

/// <summary>
/// One end of the connection between a host and one worker: whole frames, in order, both ways.
/// The kinds (Unix-domain socket; shared memory) differ only in how the bytes move.
/// </summary>
internal interface IFrameTransport : IAsyncDisposable
{
    /// <summary>
    /// Queues one frame, whose body is <paramref name="head"/> and then <paramref name="payload"/>. Thread-safe; frames of one caller
    /// arrive in the order sent. Does not keep <paramref name="head"/>; may keep <paramref name="payload"/> until it is sent instead of
    /// copying it, so that it must never change. The host's end never waits for the other side to read; the worker's may. A frame sent
    /// after the end of the connection is dropped: the end itself is reported by <see cref="ReceiveAsync"/>.
    /// </summary>
    void Send(FrameKind kind, long id, ReadOnlySpan<byte> head, ReadOnlyMemory<byte> payload = default);

    /// <summary>The worker's end: whether a frame with a body of so many bytes would be sent without waiting for the host. Thread-safe; another frame may take the room.</summary>
    bool HasRoomFor(int length) => true;

    /// <summary>The worker's end: a call begins next, and its function has not been called.</summary>
    void ResetClock()
    {
    }

    /// <summary>The worker's end: the call's function is called next.</summary>
    void StartClock(long id) => Send(FrameKind.ClockStarted, id, []);

    /// <summary>The worker's end: the function, and the task that it returned, have completed.</summary>
    void StopClock(long id) => Send(FrameKind.ClockStopped, id, []);

    /// <summary>Completes when everything sent before this call has been handed to the operating system, or the connection ended.</summary>
    ValueTask FlushAsync(CancellationToken cancellationToken = default);

    /// <summary>
    /// Hands every arriving frame to <paramref name="receiver"/>, one at a time, until the other side ends the connection.
    /// </summary>
    /// <exception cref="ProtocolViolationException">The other side wrote something that is not a frame. What the receiver throws arrives too.</exception>
    Task ReceiveAsync(IFrameReceiver receiver);
}

/// <summary>Takes frames, one at a time. The body is valid only during the call.</summary>
internal interface IFrameReceiver
{
    void OnFrame(FrameKind kind, long id, ReadOnlySpan<byte> body);
}
