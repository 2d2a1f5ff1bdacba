using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Kernmantle.Wire.Bytes;
using Nerdbank.MessagePack;

namespace Kernmantle.Payloads.Objects;

/// <summary>Strings as UTF-16 code units: as UTF-8, lone surrogates would change.</summary>
internal sealed class TextConverter : MessagePackConverter<string>
{
    public override void Write(ref MessagePackWriter writer, in string? value, SerializationContext context)
    {
        if (value is null)
            writer.WriteNil();
        else
            writer.Write(MemoryMarshal.AsBytes(value.AsSpan()));
    }

    public override string? Read(ref MessagePackReader reader, SerializationContext context)
    {
        if (reader.TryReadNil())
            return null;
        ReadOnlySequence<byte> bytes = reader.ReadBytes() ?? default;
        if (bytes.Length % sizeof(char) != 0)
            throw new MessagePackSerializationException("A text of an odd number of bytes.");
        return string.Create((int)(bytes.Length / sizeof(char)), bytes, static (target, source) => source.CopyTo(MemoryMarshal.AsBytes(target)));
    }
}

/// <summary>A <see cref="DateTime"/> by its bits: its kind stays, which as a time stamp it would not.</summary>
internal sealed class DateTimeConverter : MessagePackConverter<DateTime>
{
    public override void Write(ref MessagePackWriter writer, in DateTime value, SerializationContext context) =>
        writer.Write(Unsafe.BitCast<DateTime, long>(value));

    public override DateTime Read(ref MessagePackReader reader, SerializationContext context)
    {
        DateTime time = Unsafe.BitCast<long, DateTime>(reader.ReadInt64());
        return (ulong)time.Ticks <= (ulong)DateTime.MaxValue.Ticks ? time : throw new MessagePackSerializationException("No such time.");
    }
}
