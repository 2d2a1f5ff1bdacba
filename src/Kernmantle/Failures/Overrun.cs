namespace Kernmantle.Failures;

/// <summary>What of a call takes too long.</summary>
internal enum Overrun
{
    None,

    /// <summary>The user's function: its timeout.</summary>
    Function,

    /// <summary>Finding the function and decoding what it takes.</summary>
    Arguments,

    /// <summary>Encoding what it returned.</summary>
    Result,
}
