using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Kernmantle.Payloads;
using Kernmantle.Payloads.Preflight;
using Kernmantle.Wire.Bytes;

namespace Kernmantle.Channels;

/// <summary>How items of a type are written: by their bits, all of one length, or by the codec of the type.</summary>
internal static class ItemFormat<T>
{
    /// <summary>In bytes; 0 where each has a length of its own.</summary>
    public static readonly int Size = Bits.IsPortable(typeof(T)) ? Unsafe.SizeOf<T>() : 0;

    [ThreadStatic]
    private static PooledBuffer? encoding;

    private static readonly Codec<T>? Codec = Size > 0 ? null : Codecs.ForItem<T>();

    /// <summary>An item is, or holds, memory that is shared by itself.</summary>
    public static readonly bool Carries = Codec is ICarryingCodec;

    /// <exception cref="NotPortableException">Items of the type cannot cross by a channel, or not by that way.</exception>
    public static void Check(ChannelTransport transport)
    {
        if (Codecs.ForItem<T>() is ICarryingCodec && transport != ChannelTransport.SharedMemory)
        {
            throw new NotPortableException(
                PortableTypes.Name(typeof(T)),
                $"It names memory of this process, which a channel of {transport} does not keep for who reads it: use ChannelTransport.SharedMemory, or write what is in the memory.");
        }
    }

    /// <summary>The bytes of items that have one length.</summary>
    public static Span<byte> BytesOf(Span<T> items) => MemoryMarshal.CreateSpan(ref Unsafe.As<T, byte>(ref MemoryMarshal.GetReference(items)), items.Length * Unsafe.SizeOf<T>());

    /// <inheritdoc cref="BytesOf(Span{T})"/>
    public static ReadOnlySpan<byte> BytesOf(ReadOnlySpan<T> items) => BytesOf(MemoryMarshal.CreateSpan(ref MemoryMarshal.GetReference(items), items.Length));

    /// <summary>The item as bytes, valid until the thread encodes the next.</summary>
    /// <exception cref="NotPortableException">This value cannot cross.</exception>
    public static ReadOnlySpan<byte> Encode(T item, ItemLoad? load)
    {
        PooledBuffer buffer = encoding ??= new();
        buffer.Clear();
        var writer = new PayloadWriter(buffer, load);
        Codec!.Write(ref writer, item);
        load?.WriteNames(ref writer);
        return buffer.Written;
    }

    /// <exception cref="InvalidDataException">The bytes are no such item: who wrote them does not keep to the protocol.</exception>
    public static T Decode(ReadOnlySpan<byte> bytes, TakenMemory? memory = null)
    {
        try
        {
            var reader = new PayloadReader(bytes, null, memory);
            return Codec!.Read(ref reader);
        }
        catch (InvalidPayloadException e)
        {
            throw ItemFailures.NoSuchItem(PortableTypes.Name(typeof(T)), e);
        }
    }
}
