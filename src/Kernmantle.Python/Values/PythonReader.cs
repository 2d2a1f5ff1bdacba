using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Unicode;
using Kernmantle.Python.Sharing;
using Kernmantle.Wire.Bytes;

namespace Kernmantle.Python.Values;

/// <summary>
/// Reads what <c>marshal.dumps(value, 2)</c> wrote, strictly. The bytes may come from a hostile worker: every count is checked against
/// what is left, nothing is allocated for items that are not there, and containers nest only so deep. Not thread-safe.
/// </summary>
/// <param name="data">What it wrote.</param>
/// <param name="blocks">Where arrays in shared memory are.</param>
/// <param name="objects">Where objects of the host are.</param>
/// <param name="isPython2">The other side is Python 2, whose str is bytes, and what it mostly has for text: bytes that are UTF-8 may be read as either.</param>
internal ref struct PythonReader(ReadOnlySpan<byte> data, IPythonBlockSource? blocks = null, IPythonObjectSource? objects = null, bool isPython2 = false)
{
    private readonly ReadOnlySpan<byte> data = data;
    private int position;
    private int depth;
    private long blockBytes;

    public readonly int Remaining => data.Length - position;

    /// <summary>What comes next; nothing is taken. A tuple whose first item is Ellipsis is the extension of its tag, of the right length.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly PythonKind Peek()
    {
        PythonKind kind = position < data.Length ? MarshalCode.KindOf(data[position]) : PythonKind.Invalid;
        return kind is PythonKind.Tuple or PythonKind.Bytes or PythonKind.Invalid ? PeekFurther(kind) : kind;
    }

    /// <summary>The quick way for the commonest value: false takes nothing.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryReadInt32(out int value)
    {
        if (data.Length - position >= 1 + sizeof(int) && data[position] == MarshalCode.Int32)
        {
            value = BinaryPrimitives.ReadInt32LittleEndian(data[(position + 1)..]);
            position += 1 + sizeof(int);
            return true;
        }
        value = 0;
        return false;
    }

    /// <summary>The quick way for a float: false takes nothing.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryReadFloat(out double value)
    {
        if (data.Length - position >= 1 + sizeof(double) && data[position] == MarshalCode.Float)
        {
            value = BinaryPrimitives.ReadDoubleLittleEndian(data[(position + 1)..]);
            position += 1 + sizeof(double);
            return true;
        }
        value = 0;
        return false;
    }

    public void ReadNone() => Expect(PythonKind.None);

    public bool ReadBool()
    {
        Expect(PythonKind.Bool);
        return data[position - 1] == MarshalCode.True;
    }

    /// <summary>An int: its magnitude, where it has up to 128 bits; else false and the whole of it.</summary>
    public bool ReadInteger(out bool negative, out UInt128 magnitude, out BigInteger large)
    {
        large = default;
        if (TryReadInt32(out int small))
        {
            negative = small < 0;
            magnitude = (UInt128)Math.Abs((long)small);
            return true;
        }
        Expect(PythonKind.Int);
        if (data[position - 1] == MarshalCode.Int32)
            throw new InvalidPayloadException("An int without its bytes.");
        int signed = ReadInt32();
        negative = signed < 0;
        long digits = Math.Abs((long)signed);
        if (digits > Remaining / sizeof(short))
            throw new InvalidPayloadException($"An int of {digits} digits in {Remaining} bytes.");
        ReadOnlySpan<byte> bytes = Take((int)digits * sizeof(short));
        magnitude = 0;
        if (digits > 0 && Digit(bytes, (int)digits - 1) == 0)
            throw new InvalidPayloadException("An int with a leading zero.");
        if (digits > 128 / MarshalCode.DigitBits)
        {
            large = ReadLarge(bytes, negative);
            return false;
        }
        for (int i = (int)digits - 1; i >= 0; i--)
            magnitude = (magnitude << MarshalCode.DigitBits) | (UInt128)Digit(bytes, i);
        return true;
    }

    public double ReadFloat() => TryReadFloat(out double value) ? value : throw Unexpected("a float");

    public Complex ReadComplex()
    {
        Expect(PythonKind.Complex);
        ReadOnlySpan<byte> bytes = Take(2 * sizeof(double));
        return new(BinaryPrimitives.ReadDoubleLittleEndian(bytes), BinaryPrimitives.ReadDoubleLittleEndian(bytes[sizeof(double)..]));
    }

    public ReadOnlySpan<byte> ReadBytes()
    {
        Expect(PythonKind.Bytes);
        return Take(ReadInt32());
    }

    public string ReadString() => PythonText.Read(ReadUtf8());

    /// <summary>Bytes come next, even if they are text as well.</summary>
    public readonly bool HasBytes => position < data.Length && data[position] == MarshalCode.Bytes;

    /// <summary>A str as its bytes, which may not be valid.</summary>
    public ReadOnlySpan<byte> ReadUtf8()
    {
        if (isPython2 && HasBytes)
            return ReadBytes();
        Expect(PythonKind.Str);
        byte code = data[position - 1];
        if (code is MarshalCode.Str or MarshalCode.Interned)
            return Take(ReadInt32());
        ReadOnlySpan<byte> bytes = Take(code is MarshalCode.Ascii or MarshalCode.AsciiInterned ? ReadInt32() : Take(1)[0]);
        return Ascii.IsValid(bytes) ? bytes : throw new InvalidPayloadException("An ASCII str with other characters.");
    }

    /// <summary>A list, tuple, set or frozenset: the count of items that come next; then <see cref="Leave"/>.</summary>
    public int EnterItems()
    {
        PythonKind kind = Peek();
        if (kind is not (PythonKind.List or PythonKind.Tuple or PythonKind.Set or PythonKind.FrozenSet))
            throw Unexpected("a sequence");
        return EnterAny();
    }

    /// <summary>Keys and values come next, while <see cref="NextKey"/> says so; then <see cref="Leave"/>.</summary>
    public void EnterDict()
    {
        Expect(PythonKind.Dict);
        Deepen();
    }

    /// <summary>False: the dict has ended, and its end is taken.</summary>
    public bool NextKey()
    {
        if (Remaining > 0 && data[position] != MarshalCode.End)
            return true;
        Take(1);
        return false;
    }

    /// <summary>The fields of the extension come next; then <see cref="Leave"/>.</summary>
    public void EnterExtension(PythonKind kind)
    {
        if (Peek() != kind)
            throw Unexpected(PythonExtensions.Name(kind));
        EnterAny();
        Take(1);
        ReadUtf8();
    }

    public void Leave() => depth--;

    /// <summary>Bytes of a block, within the limit of one value.</summary>
    public ReadOnlySpan<byte> ReadBlock(int id, long offset, long length)
    {
        if (blocks is null || offset < 0 || length < 0 || (blockBytes += length) > blocks.LimitBytes)
            throw new InvalidPayloadException($"{length} bytes at {offset} of block {id}.");
        ReadOnlySpan<byte> bytes = blocks.Get(id, offset, length);
        return bytes.Length == length ? bytes : throw new InvalidPayloadException($"{bytes.Length} bytes of block {id} instead of {length}.");
    }

    /// <summary>An object of the host that the other side has.</summary>
    public readonly HostObject FindObject(int number) => objects?.Find(number) ?? throw new InvalidPayloadException($"An object {number} where there are none.");

    /// <summary>Takes one value and looks at nothing but its form.</summary>
    public void Skip()
    {
        switch (Peek())
        {
            case PythonKind.None or PythonKind.Bool or PythonKind.Ellipsis:
                Take(1);
                break;
            case PythonKind.Int:
                ReadInteger(out _, out _, out _);
                break;
            case PythonKind.Float:
                ReadFloat();
                break;
            case PythonKind.Complex:
                ReadComplex();
                break;
            case PythonKind.Bytes:
                ReadBytes();
                break;
            case PythonKind.Str:
                ReadUtf8();
                break;
            case PythonKind.Dict:
                EnterDict();
                while (NextKey())
                {
                    Skip();
                    Skip();
                }
                Leave();
                break;
            case PythonKind.End:
                throw Unexpected("a value");
            default:
                for (int count = EnterAny(); count > 0; count--)
                    Skip();
                Leave();
                break;
        }
    }

    /// <summary>The type of the next value by its Python name; nothing is taken.</summary>
    public readonly string Describe()
    {
        PythonReader ahead = this;
        PythonKind kind = Peek();
        if (kind is not (PythonKind.Record or PythonKind.Enum or PythonKind.Other or PythonKind.Array or PythonKind.Block))
            return PythonExtensions.Name(kind);
        ahead.EnterExtension(kind);
        return kind is PythonKind.Array or PythonKind.Block ? $"array of format '{ahead.ReadString()}'" : ahead.ReadString();
    }

    /// <summary>The whole of the bytes has been read.</summary>
    public readonly void RequireEnd()
    {
        if (Remaining > 0)
            throw new InvalidPayloadException($"{Remaining} bytes behind the value.");
    }

    public readonly InvalidPayloadException Unexpected(string wanted) => position < data.Length
        ? new($"{wanted} expected at {position}, type byte 0x{data[position]:X2} found.")
        : new($"{wanted} expected at {position}, where the bytes end.");

    private static ushort Digit(ReadOnlySpan<byte> bytes, int index)
    {
        ushort digit = BinaryPrimitives.ReadUInt16LittleEndian(bytes[(index * sizeof(ushort))..]);
        return digit < 1 << MarshalCode.DigitBits ? digit : throw new InvalidPayloadException($"An int with the digit {digit}.");
    }

    private static BigInteger ReadLarge(ReadOnlySpan<byte> digits, bool negative)
    {
        int count = digits.Length / sizeof(ushort);
        byte[] bytes = new byte[(int)((((long)count * MarshalCode.DigitBits) + 7) / 8)];
        uint pending = 0;
        int bits = 0, next = 0;
        for (int i = 0; i < count; i++)
        {
            pending |= (uint)Digit(digits, i) << bits;
            for (bits += MarshalCode.DigitBits; bits >= 8; bits -= 8)
            {
                bytes[next++] = (byte)pending;
                pending >>= 8;
            }
        }
        if (bits > 0)
            bytes[next] = (byte)pending;
        BigInteger magnitude = new(bytes, isUnsigned: true);
        return negative ? -magnitude : magnitude;
    }

    private readonly PythonKind PeekFurther(PythonKind kind)
    {
        if (kind == PythonKind.Invalid)
            throw Unexpected("A value of marshal version 2");
        PythonReader ahead = this;
        if (kind == PythonKind.Bytes)
            return isPython2 && Utf8.IsValid(ahead.ReadBytes()) ? PythonKind.Str : kind;
        int count = ahead.TakeTupleCount();
        if (count == 0 || ahead.Remaining == 0 || ahead.data[ahead.position] != MarshalCode.Ellipsis)
            return PythonKind.Tuple;
        ahead.position++;
        PythonKind extension = ahead.Remaining > 0 && MarshalCode.KindOf(ahead.data[ahead.position]) == PythonKind.Str
            ? PythonExtensions.Find(ahead.ReadUtf8())
            : PythonKind.Invalid;
        if (extension == PythonKind.Invalid || count != 2 + PythonExtensions.Fields(extension))
            throw new InvalidPayloadException($"A tuple of {count} at {position} that begins with Ellipsis and is no known extension.");
        return extension;
    }

    private int TakeTupleCount() => CheckCount(Take(1)[0] == MarshalCode.SmallTuple ? Take(1)[0] : ReadInt32());

    private int EnterAny()
    {
        int count = TakeTupleCount();
        Deepen();
        return count;
    }

    // Every item has at least one byte.
    private readonly int CheckCount(int count) => (uint)count <= (uint)Remaining
        ? count
        : throw new InvalidPayloadException($"{count} items in {Remaining} bytes.");

    private void Deepen()
    {
        if (++depth > MarshalCode.MaxDepth)
            throw new InvalidPayloadException($"Nested deeper than {MarshalCode.MaxDepth}.");
        if ((depth & 15) == 0 && !RuntimeHelpers.TryEnsureSufficientExecutionStack())
            throw new InvalidPayloadException($"Nested {depth} deep, more than the stack of this thread has room for.");
    }

    private void Expect(PythonKind kind)
    {
        if (position >= data.Length || MarshalCode.KindOf(data[position]) != kind)
            throw Unexpected(PythonExtensions.Name(kind));
        position++;
    }

    private int ReadInt32() => BinaryPrimitives.ReadInt32LittleEndian(Take(sizeof(int)));

    private ReadOnlySpan<byte> Take(int count)
    {
        if ((uint)count > (uint)Remaining)
            throw new InvalidPayloadException($"{count} bytes expected, {Remaining} left.");
        ReadOnlySpan<byte> bytes = data.Slice(position, count);
        position += count;
        return bytes;
    }
}
