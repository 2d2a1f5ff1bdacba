namespace Kernmantle;

/// <summary>Options of an object that lives in a worker.</summary>
public sealed class RemoteOptions
{
    /// <summary>
    /// When the object was lost with its worker, the next call creates it again with the same function and the same arguments. Calls
    /// that were under way, or waiting, still fail with <see cref="StateLostException"/>.
    /// </summary>
    public bool Recreate { get; init; }
}
