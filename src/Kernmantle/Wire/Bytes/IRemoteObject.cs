namespace Kernmantle.Wire.Bytes;

/// <summary>The object that a <see cref="Remote{T}"/> stands for, as it crosses: only its number does.</summary>
internal interface IRemoteObject
{
    /// <summary>Unique in the process that had the object made.</summary>
    long Id { get; }

    /// <summary>Worker: the host handed it to this process.</summary>
    bool IsHosts { get; }

    /// <summary>Why no worker process may be handed it; null if one may.</summary>
    string? StaysHere { get; }

    /// <exception cref="InvalidPayloadException">It is of another type.</exception>
    Remote<T> As<T>()
        where T : class;
}

/// <summary>Where the objects are found that the other side names.</summary>
internal interface IRemoteScope
{
    /// <exception cref="InvalidPayloadException">The other side was not handed it.</exception>
    IRemoteObject GetRemote(long id);
}
