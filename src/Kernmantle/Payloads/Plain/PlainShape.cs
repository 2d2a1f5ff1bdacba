using Kernmantle.Payloads.Objects;
using Kernmantle.Wire.Bytes;

namespace Kernmantle.Payloads.Plain;

/// <summary>
/// How values of one type are written and read without a serializer: members one after the other, no names, no tags. Not generic on purpose: all
/// of it is native code in the package, so that a worker compiles nothing for the first record it sees. Immutable and thread-safe.
/// </summary>
internal abstract class PlainShape
{
    /// <summary>Nothing of such a value can be shared, derived or nested: see <see cref="ObjectGuard"/>.</summary>
    public virtual bool IsLeaf => false;

    /// <summary>Nor of one that is of the very type, whatever it holds.</summary>
    public virtual bool HoldsLeaves => IsLeaf;

    /// <summary>Appends the value; it is of the shape's type, or null where that may be.</summary>
    public abstract void Write(ref PayloadWriter writer, object? value);

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <exception cref="InvalidPayloadException">The bytes are not what it writes.</exception>
    public abstract object? Read(ref PayloadReader reader);

    /// <summary>Whether something follows, or null does.</summary>
    private protected static bool ReadPresence(ref PayloadReader reader) => reader.ReadByte() switch
    {
        0 => false,
        1 => true,
        byte other => throw new InvalidPayloadException($"A flag of {other}."),
    };

    /// <summary>A count of things of which each takes a byte at least, or (then -1) null.</summary>
    private protected static int ReadCount(ref PayloadReader reader, int least = 1)
    {
        int count = reader.ReadInt32();
        return count >= -1 && count <= reader.Remaining / Math.Max(1, least) ? count : throw new InvalidPayloadException($"{count} items in {reader.Remaining} bytes.");
    }
}

internal sealed class PlainText : PlainShape
{
    public override bool IsLeaf => true;

    public override void Write(ref PayloadWriter writer, object? value) => writer.WriteString((string?)value);

    public override object? Read(ref PayloadReader reader) => reader.ReadString();
}

internal sealed class PlainNullable(PlainShape inner) : PlainShape
{
    public override bool IsLeaf => inner.IsLeaf;

    public override void Write(ref PayloadWriter writer, object? value)
    {
        writer.WriteByte(value is null ? (byte)0 : (byte)1);
        if (value is not null)
            inner.Write(ref writer, value);
    }

    public override object? Read(ref PayloadReader reader) => ReadPresence(ref reader) ? inner.Read(ref reader) : null;
}
