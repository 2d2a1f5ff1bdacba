namespace Kernmantle.Python.Sharing;

/// <summary>What a worker asks for; the numbers are the agent's.</summary>
internal enum Operation : byte
{
    Get = 1,
    GiveBack = 2,
    Put = 3,
    Close = 4,
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
