namespace Kernmantle.SharedState;

/// <summary>How an object is made of memory that came from another process.</summary>
internal interface ISharedObject<TSelf>
    where TSelf : SharedObject
{
    static abstract StateKind Kind { get; }

    static abstract TSelf Open(StateMemory memory);

    /// <summary>Whether the parameter, and as much memory, are such as the kind has: what comes from elsewhere is looked at before it is used.</summary>
    static abstract bool Allows(long parameter, long bytes);
}
