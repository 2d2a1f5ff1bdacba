namespace Kernmantle.Wire;

/// <summary>What a frame says. The bodies are described in PROTOCOL.md beside this file.</summary>
internal enum FrameKind : byte
{
    None = 0,

    // host -> worker
    Hello = 1,
    Register = 2,
    Call = 3,
    CancelCall = 4,
    CancelToken = 5,
    StreamCredit = 6,
    ReleaseInstance = 7,
    Stop = 8,
    QuickCall = 9,
    Resume = 10,
    QuickBatch = 11,
    CancelQuick = 12,
    Prepare = 13,
    QuickSlice = 14,
    ObjectAnswer = 15,
    MemoryAnswer = 17,
    Trace = 18,

    // worker -> host
    Ready = 32,
    Begun = 33,
    Result = 34,
    Failed = 35,
    Cancelled = 36,
    NotPortable = 37,
    Unavailable = 38,
    Progress = 39,
    StreamItem = 40,
    Log = 41,
    Stopped = 42,
    TooLarge = 43,
    QuickResult = 44,
    QuickEnd = 45,
    WantSegment = 46,
    WantBuffer = 47,
    BufferReleased = 48,
    QuickItems = 49,
    ClockStarted = 50,
    ClockStopped = 51,
    Prepared = 52,
    QuickItem = 53,
    StreamItems = 54,
    SliceEnd = 55,
    Describe = 56,
    ObjectCall = 57,
    CancelObjectCall = 58,
    ItemLoaded = 59,
    ItemDone = 60,
    WantMemoryOf = 61,
    Span = 62,

    // Only between a host and a worker of another language, whose dialect says what is in them:
    Interleaved = 64,
    WantMemory = 65,
    MemoryKept = 66,
    DropObject = 67,

    // The same, on its connection for what the host shares:
    Answer = 16,
    Ask = 68,
    Withdraw = 69,
}

/// <summary>What kinds have in common.</summary>
internal static class FrameKinds
{
    /// <summary>One or more calls that are begun by their number.</summary>
    public static bool IsQuickRequest(this FrameKind kind) => kind is FrameKind.QuickCall or FrameKind.QuickBatch or FrameKind.QuickSlice;
}
