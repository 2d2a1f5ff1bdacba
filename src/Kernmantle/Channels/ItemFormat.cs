using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Kernmantle.Payloads;
using Kernmantle.SharedBuffers;
using Kernmantle.Wire.Bytes;

namespace Kernmantle.Channels;

/// <summary>How items of a type are written: by their bits, all of one length, or by the codec of the type.</summary>
internal static class ItemFormat<T>
{
    /// <summary>In bytes; 0 where each has a length of its own.</summary>
    public static readonly int Size = Bits.IsPortable(typeof(T)) ? Unsafe.SizeOf<T>() : 0;

    [ThreadStatic]
    private static PooledBuffer? encoding;

    private static readonly Codec<T>? Codec = Size > 0 ? null : Codecs.For<T>();

    /// <exception cref="NotPortableException">Items of the type cannot cross by a channel.</exception>
    public static void Check()
    {
        if (Codecs.For<T>() is ILinkCodec or ISharedBufferCodec)
            throw new NotPortableException(Payloads.Preflight.PortableTypes.Name(typeof(T)), "It crosses with a call, and not as an item of a channel: pass it as an argument, or capture it.");
    }

    /// <summary>The bytes of items that have one length.</summary>
    public static Span<byte> BytesOf(Span<T> items) => MemoryMarshal.CreateSpan(ref Unsafe.As<T, byte>(ref MemoryMarshal.GetReference(items)), items.Length * Unsafe.SizeOf<T>());

    /// <inheritdoc cref="BytesOf(Span{T})"/>
    public static ReadOnlySpan<byte> BytesOf(ReadOnlySpan<T> items) => BytesOf(MemoryMarshal.CreateSpan(ref MemoryMarshal.GetReference(items), items.Length));

    /// <summary>The item as bytes, valid until the thread encodes the next.</summary>
    /// <exception cref="NotPortableException">This value cannot cross.</exception>
    public static ReadOnlySpan<byte> Encode(T item)
    {
        PooledBuffer buffer = encoding ??= new();
        buffer.Clear();
        var writer = new PayloadWriter(buffer);
        Codec!.Write(ref writer, item);
        return buffer.Written;
    }

    /// <exception cref="InvalidDataException">The bytes are no such item: who wrote them does not keep to the protocol.</exception>
    public static T Decode(ReadOnlySpan<byte> bytes)
    {
        try
        {
            var reader = new PayloadReader(bytes);
            return Codec!.Read(ref reader);
        }
        catch (InvalidPayloadException e)
        {
            throw new InvalidDataException($"An item of this channel is no {Payloads.Preflight.PortableTypes.Name(typeof(T))}: one of those that have the channel wrote something else into its memory. The item is lost; the channel and its other items are as they were. ({e.Message})", e);
        }
    }
}
