using Kernmantle.Payloads;
using Kernmantle.SharedBuffers;
using Kernmantle.Wire.Bytes;

namespace Kernmantle.InProcess.Inline;

/// <summary>Shared objects, and those of a <see cref="Remote{T}"/>, in a result, which is decoded again in this process: they are the same. All else is as in a worker's result.</summary>
internal sealed class ReturnedObjects : IPayloadScope, IBufferScope
{
    private readonly List<SharedBlock> blocks = [];
    private readonly List<IRemoteObject> remotes = [];

    public bool TryLend(SharedBlock block)
    {
        if (block.Content is null)
            return false;
        blocks.Add(block);   // its object is reachable: it is being encoded
        return true;
    }

    public SharedBlock Take(BlockName name)
    {
        SharedBlock block = blocks.Find(b => b.Id == name.Id) ?? throw new InvalidPayloadException($"Memory {name.Id}, which the result does not hold.");
        block.AddReference();
        return block;
    }

    public void Opened(ISharedBuffer buffer)
    {
        // Copied ones belong to who got them.
    }

    public int AddToken(CancellationToken token) => Links.Of(null).AddToken(token);

    public CancellationToken GetToken(int index) => Links.Of(null).GetToken(index);

    public int AddProgress<TReport>(IProgress<TReport> progress, Codec<TReport> codec) => Links.Of(null).AddProgress(progress, codec);

    public IProgress<TReport> GetProgress<TReport>(int index, Codec<TReport> codec) => Links.Of(null).GetProgress(index, codec);

    public long AddRemote(IRemoteObject remote)
    {
        remotes.Add(remote);
        return remote.Id;
    }

    public IRemoteObject GetRemote(long id) => remotes.Find(r => r.Id == id) ?? throw new InvalidPayloadException($"An object {id}, which the result does not hold.");
}
