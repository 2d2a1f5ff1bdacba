using Kernmantle.Payloads;
using Kernmantle.SharedBuffers;
using Kernmantle.Wire.Bytes;

namespace Kernmantle.Child.Objects;

/// <summary>What crosses as a link with a call that this worker makes through its host: objects that it was handed itself. Not for several threads.</summary>
internal sealed class HandedScope(ObjectCalls calls) : IPayloadScope, IBufferScope
{
    private readonly List<long> added = [];

    /// <summary>The objects among the arguments.</summary>
    public IReadOnlyList<long> Added => added;

    public long AddRemote(IRemoteObject remote)
    {
        if (!remote.IsHosts)
            throw new NotPortableException("A Remote", "Its object was created by a pool of this worker, which nobody else reaches: create it in the host, and hand it over.");
        added.Add(remote.Id);
        return remote.Id;
    }

    public IRemoteObject GetRemote(long id) => new HandedObject(id, calls);

    public int AddToken(CancellationToken token) => throw new NotPortableException("A CancellationToken", "Pass it as the token of the call, which is the last argument of CallAsync: the function gets it as its last parameter.");

    public int AddProgress<TReport>(IProgress<TReport> progress, Codec<TReport> codec) => throw new NotPortableException("An IProgress", "Nobody reports from one worker to another: return what there is to tell.");

    public CancellationToken GetToken(int index) => Links.Of(null).GetToken(index);

    public IProgress<TReport> GetProgress<TReport>(int index, Codec<TReport> codec) => Links.Of(null).GetProgress(index, codec);

    /// <summary>Buffers are copied; shared objects are refused: the host has to hand them to both.</summary>
    public bool TryLend(SharedBlock block) => false;

    public SharedBlock Take(BlockName name) => throw new InvalidPayloadException("Memory by reference from another worker.");

    public void Opened(ISharedBuffer buffer)
    {
        // Copied ones belong to who got them.
    }
}
