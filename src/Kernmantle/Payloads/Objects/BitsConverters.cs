using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Kernmantle.Payloads.Preflight;
using Kernmantle.Wire.Bytes;
using Nerdbank.MessagePack;
using PolyType;

namespace Kernmantle.Payloads.Objects;

/// <summary>
/// Inside objects too, bits are copied: member by member, a struct would lose what it keeps private, and some of the platform's
/// arrive changed (<see cref="Index"/> from the end). Runs of bits come at copying cost.
/// </summary>
internal sealed class BitsConverters : IMessagePackConverterFactory
{
    public MessagePackConverter? CreateConverter(Type type, ITypeShape? shape, in ConverterContext context)
    {
        // Plain numbers and the nil of a nullable are smaller as the serializer writes them.
        if (Bits.MayRun(type))
            return type.IsPrimitive || type.IsEnum || type == typeof(DateTime) ? null : New(typeof(BitsConverter<>), type);
        if (type.IsSZArray)
            return Bits.MayRun(type.GetElementType()!) ? New(typeof(RunConverter<>), type.GetElementType()!) : null;
        if (!KnownTypes.IsRun(type))
            return null;
        Type definition = type.GetGenericTypeDefinition();
        return New(
            definition == typeof(Memory<>) ? typeof(MemoryConverter<>) : definition == typeof(ReadOnlyMemory<>) ? typeof(ReadOnlyMemoryConverter<>) : typeof(SegmentConverter<>),
            type.GetGenericArguments()[0]);
    }

    public static T[]? Items<T>(ReadOnlySequence<byte>? bytes)
        where T : unmanaged
    {
        if (bytes is not { } run)
            return null;
        if (run.Length % Unsafe.SizeOf<T>() != 0)
            throw new MessagePackSerializationException($"{run.Length} bytes are no items of {Unsafe.SizeOf<T>()}.");
        T[] items = GC.AllocateUninitializedArray<T>((int)(run.Length / Unsafe.SizeOf<T>()));
        run.CopyTo(MemoryMarshal.AsBytes(items.AsSpan()));
        return items;
    }

    private static MessagePackConverter New(Type definition, Type argument) => (MessagePackConverter)Activator.CreateInstance(definition.MakeGenericType(argument))!;
}

internal sealed class BitsConverter<T> : MessagePackConverter<T>
    where T : unmanaged
{
    public override void Write(ref MessagePackWriter writer, in T value, SerializationContext context)
    {
        T copy = value;
        writer.Write(MemoryMarshal.AsBytes(new ReadOnlySpan<T>(ref copy)));
    }

    public override T Read(ref MessagePackReader reader, SerializationContext context)
    {
        ReadOnlySequence<byte> bytes = reader.ReadBytes() ?? default;
        if (bytes.Length != Unsafe.SizeOf<T>())
            throw new MessagePackSerializationException($"{bytes.Length} bytes instead of {Unsafe.SizeOf<T>()}.");
        T value = default;
        bytes.CopyTo(MemoryMarshal.AsBytes(new Span<T>(ref value)));
        return value;
    }
}

internal sealed class RunConverter<T> : MessagePackConverter<T[]>
    where T : unmanaged
{
    public override void Write(ref MessagePackWriter writer, in T[]? value, SerializationContext context)
    {
        if (value is null)
            writer.WriteNil();
        else
            writer.Write(MemoryMarshal.AsBytes(value.AsSpan()));
    }

    public override T[]? Read(ref MessagePackReader reader, SerializationContext context) => BitsConverters.Items<T>(reader.ReadBytes());
}

internal sealed class MemoryConverter<T> : MessagePackConverter<Memory<T>>
    where T : unmanaged
{
    public override void Write(ref MessagePackWriter writer, in Memory<T> value, SerializationContext context) => writer.Write(MemoryMarshal.AsBytes(value.Span));

    public override Memory<T> Read(ref MessagePackReader reader, SerializationContext context) => BitsConverters.Items<T>(reader.ReadBytes());
}

internal sealed class ReadOnlyMemoryConverter<T> : MessagePackConverter<ReadOnlyMemory<T>>
    where T : unmanaged
{
    public override void Write(ref MessagePackWriter writer, in ReadOnlyMemory<T> value, SerializationContext context) => writer.Write(MemoryMarshal.AsBytes(value.Span));

    public override ReadOnlyMemory<T> Read(ref MessagePackReader reader, SerializationContext context) => BitsConverters.Items<T>(reader.ReadBytes());
}

internal sealed class SegmentConverter<T> : MessagePackConverter<ArraySegment<T>>
    where T : unmanaged
{
    public override void Write(ref MessagePackWriter writer, in ArraySegment<T> value, SerializationContext context)
    {
        if (value.Array is null)
            writer.WriteNil();
        else
            writer.Write(MemoryMarshal.AsBytes(value.AsSpan()));
    }

    public override ArraySegment<T> Read(ref MessagePackReader reader, SerializationContext context) => BitsConverters.Items<T>(reader.ReadBytes()) is { } items ? new(items) : default;
}
