using Kernmantle.Payloads.Plain;
using Kernmantle.Payloads.Preflight;
using Kernmantle.Wire.Bytes;

namespace Kernmantle.Payloads.Objects;

/// <summary>
/// Everything that is not bits: what has a plain shape member by member; the rest, and what is reached twice, through the serializer, behind a
/// length. A byte says which.
/// </summary>
internal sealed class ObjectCodec<T> : Codec<T>
{
    /// <summary>In the first byte: by the serializer; by it with references kept; by the plain shape.</summary>
    private const byte Serialized = 0, Referenced = 1, Plain = 2;

    private readonly PlainShape? plain;
    private readonly bool holdsLeaves;
    private ObjectGuard? guard;

    /// <summary>The seam: another serializer may take its place for some types. Made when it is needed.</summary>
    private IObjectSerializer<T>? serializer;

    public ObjectCodec()
    {
        plain = PlainShapes.Of(typeof(T));
        holdsLeaves = plain is { HoldsLeaves: true };
    }

    private IObjectSerializer<T> Serializer => serializer ??= new MessagePackObjects<T>();

    public override void Warm()
    {
        if (plain is null)
            Serializer.Warm();
    }

    public override void Write(ref PayloadWriter writer, T value)
    {
        object? boxed = value;
        // A null, or one of the very type that holds nothing but leaves, needs no guard; one of a derived type does.
        IReadOnlyDictionary<object, object?[]>? copies = null;
        bool shared = !(holdsLeaves && (boxed is null || boxed.GetType() == typeof(T))) && (guard ??= ObjectGuard.For(typeof(T))).Check(boxed, out copies);
        if (!shared && plain is not null)
        {
            writer.WriteByte(Plain);
            plain.Write(ref writer, boxed);
            return;
        }
        using var buffer = new PooledBuffer();
        Serializer.Write(buffer, value, shared, copies);
        writer.WriteByte(shared ? Referenced : Serialized);
        writer.WriteInt32(buffer.Written.Length);
        writer.WriteBytes(buffer.Written);
    }

    public override T Read(ref PayloadReader reader) => reader.ReadByte() switch
    {
        Plain when plain is not null => ReadPlain(ref reader),
        byte kind and <= Referenced => ReadSerialized(ref reader, kind == Referenced),
        byte other => throw new InvalidPayloadException($"A flag of {other}."),
    };

    private T ReadPlain(ref PayloadReader reader)
    {
        try
        {
            return (T)plain!.Read(ref reader)!;
        }
        catch (Exception e) when (e is not InvalidPayloadException)
        {
            // Bytes may be forged, and constructors of the program run on what they say: whatever that throws, the payload is to blame.
            throw new InvalidPayloadException($"No {PortableTypes.Name(typeof(T))}: {e.GetBaseException().Message}", e);
        }
    }

    private T ReadSerialized(ref PayloadReader reader, bool keepReferences)
    {
        ReadOnlySpan<byte> bytes = reader.ReadBytes(reader.ReadInt32());
        byte[] copy = System.Buffers.ArrayPool<byte>.Shared.Rent(bytes.Length);
        try
        {
            bytes.CopyTo(copy);
            return Serializer.Read(copy.AsMemory(0, bytes.Length), keepReferences);
        }
        finally
        {
            System.Buffers.ArrayPool<byte>.Shared.Return(copy);
        }
    }
}
