namespace Kernmantle.Analyzers.Library;

/// <summary>What a method does with the function that it is given.</summary>
internal enum CallKind
{
    /// <summary><c>Run</c>: waits for it.</summary>
    Run,

    /// <summary><c>RunAsync</c>, and <c>CallAsync</c> of an object.</summary>
    RunAsync,

    /// <summary>Maps to a stream.</summary>
    Map,

    /// <summary>Maps, and is awaited as a whole.</summary>
    MapWhole,

    /// <summary>Streams what one function yields.</summary>
    Stream,

    /// <summary>Makes an object that stays in its worker.</summary>
    Create,

    /// <summary>Changes a value of a shared collection.</summary>
    Update,

    /// <summary>A thread of its own.</summary>
    OnThread,

    /// <summary>A process of its own.</summary>
    OnProcess,
}
