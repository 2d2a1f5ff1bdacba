using Kernmantle.SharedBuffers;
using Kernmantle.SharedState;
using Kernmantle.Wire.Bytes;

namespace Kernmantle.Payloads;

/// <summary>A shared object by reference: a byte (0 for null), the memory's name, and what the kind means by its parameter, which the maker's side knows better than any worker.</summary>
internal sealed class SharedObjectCodec<T> : Codec<T?>, IPlainCodec, ISharedBufferCodec
    where T : SharedObject, ISharedObject<T>
{
    private const byte Null = 0, There = 1;

    /// <exception cref="NotPortableException">It cannot cross by this way.</exception>
    public override void Write(ref PayloadWriter writer, T? value)
    {
        if (value is null)
        {
            writer.WriteByte(Null);
            return;
        }
        StateMemory memory = value.Memory;
        StateWait.ThrowIfEnded(memory);
        if (writer.Scope is null ? !memory.Block.IsHosts : (writer.Scope as IBufferScope)?.TryLend(memory.Block) != true)
            throw new NotPortableException(typeof(T).Name, "It is shared with worker processes of the process that made it, over shared memory: make it in the host, and hand it over as an argument or a captured variable. Not over WorkerTransport.Socket.");
        writer.WriteByte(There);
        BlockNames.Write(ref writer, memory.Block);
        writer.WriteInt64(memory.Parameter);
        GC.KeepAlive(value);
    }

    public override T? Read(ref PayloadReader reader)
    {
        if (reader.ReadByte() == Null)
            return null;
        IBufferScope scope = reader.Buffers ?? throw new InvalidPayloadException("A shared object where no memory is shared.");
        SharedBlock block = scope.Take(BlockNames.Read(ref reader));
        long parameter = reader.ReadInt64();
        BlockUse use = block.Use ?? block.Tell(new BlockUse((byte)T.Kind, parameter));
        if (use.Kind == (byte)T.Kind && T.Allows(use.Parameter, block.Length))
            return T.Open(StateMemory.Open(block, use.Parameter));
        block.Release();
        throw new InvalidPayloadException($"Memory of another kind as a {typeof(T).Name}.");
    }
}
