using Kernmantle.Payloads;
using Kernmantle.SharedBuffers;
using Kernmantle.Wire.Bytes;

namespace Kernmantle.Channels;

/// <summary>
/// The memory that one item carries, from when it is encoded until it is written. The host is told before the item is one: whoever reads it then finds the memory kept, be its writer gone. Behind the bytes of such an
/// item stand the names of what it carries, and how many they are: who reads has them before it decodes.
/// </summary>
internal sealed class ItemLoad(CarriedMemory carried) : IPayloadScope, IBufferScope, IItemLoad, IDisposable
{
    private readonly List<SharedBlock> memory = [];

    /// <exception cref="NotPortableException">The readers of the channel cannot get it.</exception>
    public bool TryLend(SharedBlock block)
    {
        if (block.IsHosts != carried.IsHosts || block.Name.Key == 0)
            throw new NotPortableException("Shared memory of another process than that which made the channel", "Those that read it could not be given it: make both in one process.");
        if (memory.Count == IItemMemory.Most)
            throw new NotPortableException($"An item with more than {IItemMemory.Most} pieces of shared memory", "Write several items.");
        if (memory.Contains(block))
            return true;
        block.AddReferenceIfAlive();
        memory.Add(block);
        return true;
    }

    public void WriteNames(ref PayloadWriter writer)
    {
        foreach (SharedBlock block in memory)
            BlockNames.Write(ref writer, block);
        writer.WriteInt32(memory.Count);
    }

    public void Load(long position)
    {
        if (memory.Count > 0)
            carried.Load(position, memory);
    }

    public void Unload(long position) => carried.Unload(carried.Seat, position);

    public void Dispose()
    {
        foreach (SharedBlock block in memory)
            block.Release();
        memory.Clear();
    }

    // --- Nothing else crosses so ---

    SharedBlock IBufferScope.Take(BlockName name) => throw NotHere();

    void IBufferScope.Opened(ISharedBuffer buffer) => throw NotHere();

    int IPayloadScope.AddToken(CancellationToken token) => throw NotHere();

    CancellationToken IPayloadScope.GetToken(int index) => throw NotHere();

    int IPayloadScope.AddProgress<TReport>(IProgress<TReport> progress, Codec<TReport> codec) => throw NotHere();

    IProgress<TReport> IPayloadScope.GetProgress<TReport>(int index, Codec<TReport> codec) => throw NotHere();

    long IPayloadScope.AddRemote(IRemoteObject remote) => throw NotHere();

    IRemoteObject IRemoteScope.GetRemote(long id) => throw NotHere();

    private static InvalidOperationException NotHere() => new("Items are encoded with it, and carry memory alone.");
}
