namespace Kernmantle.Python.Sharing;

/// <summary>What a worker asks for; the numbers are the agent's.</summary>
internal enum Operation : byte
{
    Get = 1,
    GiveBack = 2,
    Put = 3,
    Close = 4,

    Acquire = 10,
    Release = 11,
    IsConsistent = 12,
    MarkConsistent = 13,
    AcquireRead = 14,
    ReleaseRead = 15,
    AcquireWrite = 16,
    ReleaseWrite = 17,

    Take = 20,
    Give = 21,
    Count = 22,

    Wait = 30,
    Set = 31,
    Clear = 32,
    IsSet = 33,
    Notify = 34,
    NotifyAll = 35,
    Signal = 36,
    Leave = 37,

    Read = 40,
    Exchange = 41,
    CompareExchange = 42,
    Add = 43,

    Invoke = 50,
    Report = 51,
}

/// <summary>How it went; the numbers are the agent's.</summary>
internal enum AnswerStatus : byte
{
    /// <summary>Done; its result, if it has one, follows.</summary>
    Done = 0,

    /// <summary>Not within that time.</summary>
    No = 1,

    /// <summary>The channel has ended; the text of its error, or None, follows.</summary>
    Closed = 2,

    /// <summary>It was withdrawn, and has done nothing.</summary>
    Withdrawn = 3,

    /// <summary>It failed: the name of an exception that the agent knows, and its text, follow.</summary>
    Failed = 4,
}
