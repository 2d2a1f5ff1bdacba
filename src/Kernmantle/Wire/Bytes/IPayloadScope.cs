namespace Kernmantle.Wire.Bytes;

/// <summary>
/// The live things of one call, which cross as links and not by value. A codec for a token, a progress sink or an object
/// registers it here on the host and asks for its counterpart in the worker; only a small index travels.
/// </summary>
internal interface IPayloadScope : IRemoteScope
{
    /// <summary>Host: remembers the token; its cancellation will be sent to the worker.</summary>
    int AddToken(CancellationToken token);

    /// <summary>Worker: the token that mirrors the host's one of this index.</summary>
    CancellationToken GetToken(int index);

    /// <summary>Host: remembers where reports go, and how to decode them.</summary>
    int AddProgress<TReport>(IProgress<TReport> progress, Codec<TReport> codec);

    /// <summary>Worker: a sink that sends its reports to the host's one of this index.</summary>
    IProgress<TReport> GetProgress<TReport>(int index, Codec<TReport> codec);

    /// <summary>Remembers the object, which is handed over with the call; returns its number.</summary>
    /// <exception cref="NotPortableException">It cannot be handed over.</exception>
    long AddRemote(IRemoteObject remote);
}
