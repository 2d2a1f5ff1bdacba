using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Kernmantle.SharedBuffers;
using Kernmantle.Wire.Bytes;

namespace Kernmantle.Payloads;

/// <summary>A buffer by reference where both sides share memory, else its items: a form, a length in items, then the memory's name or the bits.</summary>
internal sealed class SharedBufferCodec<T> : Codec<SharedBuffer<T>?>, IPlainCodec, ISharedBufferCodec
    where T : unmanaged
{
    private const byte Null = 0, ByReference = 1, ByValue = 2;

    public override void Write(ref PayloadWriter writer, SharedBuffer<T>? value)
    {
        if (value is null)
        {
            writer.WriteByte(Null);
            return;
        }
        SharedBlock block = ((ISharedBuffer)value).Block;
        if (writer.Scope is null ? block.IsHosts : (writer.Scope as IBufferScope)?.TryLend(block) == true)
        {
            writer.WriteByte(ByReference);
            writer.WriteInt32(value.Length);
            BlockNames.Write(ref writer, block);
            if (writer.Scope is null)
                ((ISharedBuffer)value).Transfer();
        }
        else
        {
            writer.WriteByte(ByValue);
            writer.WriteInt32(value.Length);
            writer.WriteBytes(MemoryMarshal.AsBytes(value.Span));
        }
    }

    public override SharedBuffer<T>? Read(ref PayloadReader reader)
    {
        byte form = reader.ReadByte();
        if (form == Null)
            return null;
        int length = reader.ReadInt32();
        if (length < 0 || form > ByValue)
            throw new InvalidPayloadException($"A shared buffer of form {form} with {length} items.");
        return form == ByReference ? Open(ref reader, length) : Copy(ref reader, length);
    }

    private static SharedBuffer<T> Open(ref PayloadReader reader, int length)
    {
        IBufferScope scope = reader.Buffers ?? throw new InvalidPayloadException("A shared buffer by reference where no memory is shared.");
        SharedBlock block = scope.Take(BlockNames.Read(ref reader));
        if ((long)length * Unsafe.SizeOf<T>() > block.Length || block.Use is { Kind: > 0 })
        {
            block.Release();
            throw new InvalidPayloadException($"A shared buffer of {length} items in {block.Length} bytes, or in those of another object.");
        }
        var buffer = new SharedBuffer<T>(block, length);
        scope.Opened(buffer);
        return buffer;
    }

    private static SharedBuffer<T> Copy(ref PayloadReader reader, int length)
    {
        long bytes = (long)length * Unsafe.SizeOf<T>();
        if (bytes > reader.Remaining)
            throw new InvalidPayloadException($"A shared buffer of {length} items in {reader.Remaining} bytes.");
        SharedBuffer<T> buffer = SharedBuffer.Allocate<T>(length);
        reader.ReadBytes((int)bytes).CopyTo(MemoryMarshal.AsBytes(buffer.Span));
        return buffer;
    }
}
