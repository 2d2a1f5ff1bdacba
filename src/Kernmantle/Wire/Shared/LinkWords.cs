using System.Runtime.InteropServices;

namespace Kernmantle.Wire.Shared;

/// <summary>
/// The words of one worker's mapping, each alone on its cache line. PROTOCOL.md, "Shared memory", says what each means; the names are
/// those of the models in docs/models. Written by the host (H), the worker (W), both (B).
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = Size)]
internal struct LinkWords
{
    public const int Size = 4096;

    // --- Written by the host before the worker is started, and never again ---

    /// <summary>H: the worker's place in the doorbell page.</summary>
    [FieldOffset(4)]
    public int Place;

    /// <summary>H: how long a worker looks for the next request before it sleeps, in microseconds; 0 for not at all.</summary>
    [FieldOffset(8)]
    public int SpinMicroseconds;

    /// <summary>H: bytes of the doorbell page.</summary>
    [FieldOffset(12)]
    public int BellBytes;

    // --- Requests: host to worker ---

    /// <summary>W: how far requests have been taken. Release store.</summary>
    [FieldOffset(128)]
    public long RequestHead;

    /// <summary>B: 1, by the worker, while it sleeps, or is about to; cleared by the host right before it rings, and by the worker when it wakes.</summary>
    [FieldOffset(256)]
    public int WorkerWaiting;

    /// <summary>H: futex the worker sleeps on.</summary>
    [FieldOffset(384)]
    public int WorkerBell;

    /// <summary>H: 1 while requests wait in the host for room in the ring.</summary>
    [FieldOffset(512)]
    public int HostBlocked;

    // --- Responses: worker to host ---

    /// <summary>H: how far responses have been taken. Release store.</summary>
    [FieldOffset(640)]
    public long ResponseHead;

    /// <summary>B: 1, by the pump, if the pool's bell is to be rung for what no caller attends; cleared by the worker right before it rings, and by the pump when it looks.</summary>
    [FieldOffset(768)]
    public int HostWaiting;

    /// <summary>
    /// H (the caller that attends a call): bits 2-63 the call's number, bits 0-1 <see cref="Sleeps"/> or <see cref="Left"/>. Only ever
    /// replaced by that of a later call; without one for the call that is answered, its caller looks.
    /// </summary>
    [FieldOffset(896)]
    public long CallerWaiting;

    /// <summary>H (the caller that attends a call): the number, and 1, of the processor that it goes to sleep on; written before it says so. On the line of <see cref="CallerWaiting"/>: they are read together.</summary>
    [FieldOffset(904)]
    public int CallerProcessor;

    /// <summary>The caller sleeps on <see cref="CallerBell"/>.</summary>
    public const int Sleeps = 1;

    /// <summary>The caller has left the call to the pump.</summary>
    public const int Left = 2;

    /// <summary>B: futex an attending caller sleeps on.</summary>
    [FieldOffset(1024)]
    public int CallerBell;

    /// <summary>W: how many of its threads wait for room for a response, or for the consumer of its stream.</summary>
    [FieldOffset(1152)]
    public int WorkerBlocked;

    /// <summary>B: futex the worker sleeps on then. Its own reader thread rings when the stream is cancelled.</summary>
    [FieldOffset(1280)]
    public int RoomBell;

    // --- The clock of the call that came as a frame ---

    /// <summary>W: when the function was called (CLOCK_MONOTONIC, <see cref="System.Diagnostics.Stopwatch"/>'s time); 0 from the call's begin until then. Release store.</summary>
    [FieldOffset(1536)]
    public long ClockStarted;

    /// <summary>W: when it, and the task that it returned, had completed; 0 until then. Release store, on the line of the start: they are read together.</summary>
    [FieldOffset(1544)]
    public long ClockStopped;

    // --- The same of quick calls: no time, which would cost as much as the shortest of them ---

    /// <summary>W: the number of the last quick call whose function was called. Plain store.</summary>
    [FieldOffset(1664)]
    public long QuickStarted;

    /// <summary>W: the number of the last one whose function had completed.</summary>
    [FieldOffset(1672)]
    public long QuickStopped;

    /// <summary>W: when the function of <see cref="QuickStarted"/> was called, if its request was <see cref="RingRecord.Timed"/> (CLOCK_MONOTONIC); <see cref="Stands"/> with a debugger in the worker. Written before <see cref="QuickStarted"/>.</summary>
    [FieldOffset(1680)]
    public long QuickStartedAt;

    /// <summary>H: how much of the stream that it runs the consumer has taken, in units of <see cref="Kernmantle.Wire.Shared.StreamCredit.CostOf"/>; 0 when the stream is handed over. Release store; then <see cref="WorkerBlocked"/> is looked at.</summary>
    [FieldOffset(1792)]
    public long StreamTaken;

    /// <summary>The clock stands.</summary>
    public const long Stands = -1;

    // --- Both ---

    /// <summary>
    /// B: bits 0-60 the number of the last call that has begun, by compare-and-swap of the worker right before the first user
    /// instruction; bit 63 (<see cref="Recall"/>) set by the host: what has not begun, shall not, until the worker has read
    /// <see cref="FrameKind.Resume"/>; bit 62 (<see cref="Retired"/>) set by the host with it: nor after that; bit 61
    /// (<see cref="Settled"/>) set by the host after it: the number is final, whatever <see cref="SliceItem"/> says.
    /// </summary>
    [FieldOffset(1408)]
    public long Begun;

    /// <summary>The bit of <see cref="Begun"/>.</summary>
    public const long Recall = long.MinValue;

    /// <summary>The bit of <see cref="Begun"/>.</summary>
    public const long Retired = 1L << 62;

    /// <summary>The bit of <see cref="Begun"/>.</summary>
    public const long Settled = 1L << 61;

    /// <summary>What is no number in <see cref="Begun"/>.</summary>
    public const long BegunBits = Recall | Retired | Settled;

    /// <summary>
    /// W: the number of the item of a slice or a batch that was begun last, by a plain store before its first user instruction, then a look at <see cref="Recall"/>: <see cref="SliceMarks"/>. While
    /// <see cref="Settled"/> is not set the last that has begun is the larger of this and of <see cref="Begun"/>.
    /// </summary>
    [FieldOffset(1920)]
    public long SliceItem;

    /// <summary>H, before the worker is started: 1 if the host can put a barrier into the worker, so that plain stores will do.</summary>
    [FieldOffset(16)]
    public int HasRemoteBarrier;
}
