namespace Kernmantle.Wire;

/// <summary>What the host says to a worker that asked for memory by name.</summary>
internal enum MemoryAnswerKind : byte
{
    /// <summary>There is none by that name, be it that there was.</summary>
    None,

    /// <summary>It has it from now on, or had it before. What it is for follows.</summary>
    Given,

    /// <summary>The worker holds as much as it may.</summary>
    TooMuch,
}
