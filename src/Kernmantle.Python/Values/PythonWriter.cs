using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Kernmantle.Python.Values;

/// <summary>
/// Appends values in Python's marshal format, version 2. What was written reaches the output with <see cref="Flush"/> at the latest.
/// Not thread-safe.
/// </summary>
internal ref struct PythonWriter(IBufferWriter<byte> output, IPythonBlocks? blocks = null, IPythonObjects? objects = null)
{
    /// <summary>Arrays of so many bytes or more go to shared memory where there is some.</summary>
    public const int BlockBytes = 64 << 10;

    private const int LeastSpan = 256;

    private Span<byte> span;
    private int used;
    private int depth;
    private int keys;

    /// <summary>Something was written that marshal does not know.</summary>
    public bool HasExtensions { get; private set; }

    public readonly IPythonBlocks? Blocks => blocks;

    public readonly IPythonObjects? Objects => objects;

    /// <summary>Hands everything written to the output.</summary>
    public void Flush()
    {
        if (used > 0)
            output.Advance(used);
        span = default;
        used = 0;
    }

    public void WriteNone() => WriteByte(MarshalCode.None);

    public void WriteBool(bool value) => WriteByte(value ? MarshalCode.True : MarshalCode.False);

    public void WriteInteger(long value)
    {
        if ((int)value == value)
            WriteCount(MarshalCode.Int32, (int)value);
        else
            WriteDigits(value < 0, value < 0 ? 0 - (ulong)value : (ulong)value);
    }

    public void WriteWide(Int128 value)
    {
        if ((long)value == value)
            WriteInteger((long)value);
        else
            WriteDigits(value < 0, (UInt128)(value < 0 ? -value : value));
    }

    public void WriteWide(UInt128 value)
    {
        if (value <= int.MaxValue)
            WriteInteger((long)value);
        else
            WriteDigits(false, value);
    }

    public void WriteBig(BigInteger value)
    {
        if (value >= long.MinValue && value <= long.MaxValue)
        {
            WriteInteger((long)value);
            return;
        }
        BigInteger magnitude = BigInteger.Abs(value);
        byte[] bytes = magnitude.ToByteArray(isUnsigned: true);
        long bits = magnitude.GetBitLength();
        int digits = checked((int)((bits + MarshalCode.DigitBits - 1) / MarshalCode.DigitBits));
        WriteCount(MarshalCode.Long, value.Sign < 0 ? -digits : digits);
        uint pending = 0;
        int count = 0, next = 0;
        for (int i = 0; i < digits; i++)
        {
            while (count < MarshalCode.DigitBits && next < bytes.Length)
            {
                pending |= (uint)bytes[next++] << count;
                count += 8;
            }
            WriteDigit((short)(pending & 0x7FFF));
            pending >>= MarshalCode.DigitBits;
            count -= MarshalCode.DigitBits;
        }
    }

    public void WriteFloat(double value)
    {
        Span<byte> target = Reserve(1 + sizeof(double));
        target[0] = MarshalCode.Float;
        BinaryPrimitives.WriteDoubleLittleEndian(target[1..], value);
    }

    public void WriteComplex(Complex value)
    {
        Span<byte> target = Reserve(1 + (2 * sizeof(double)));
        target[0] = MarshalCode.Complex;
        BinaryPrimitives.WriteDoubleLittleEndian(target[1..], value.Real);
        BinaryPrimitives.WriteDoubleLittleEndian(target[(1 + sizeof(double))..], value.Imaginary);
    }

    public void WriteString(scoped ReadOnlySpan<char> value)
    {
        int bytes = PythonText.CountBytes(value);
        WriteCount(MarshalCode.Str, bytes);
        PythonText.Write(value, Reserve(bytes));
    }

    public void WriteBytes(scoped ReadOnlySpan<byte> value)
    {
        WriteCount(MarshalCode.Bytes, value.Length);
        value.CopyTo(Reserve(value.Length));
    }

    /// <summary>A tuple of so many items, to be written next; then <see cref="Leave"/>.</summary>
    public void EnterTuple(int count)
    {
        WriteCount(MarshalCode.Tuple, count);
        Deepen();
    }

    /// <summary>A list of so many items, to be written next; then <see cref="Leave"/>.</summary>
    public void EnterList(int count)
    {
        RefuseAsKey("A list");
        WriteCount(MarshalCode.List, count);
        Deepen();
    }

    /// <summary>A set of so many items, to be written next; then <see cref="LeaveSet"/>. Within a key it is a frozenset.</summary>
    public void EnterSet(int count)
    {
        WriteCount(keys > 0 ? MarshalCode.FrozenSet : MarshalCode.Set, count);
        Deepen();
        keys++;
    }

    public void LeaveSet()
    {
        keys--;
        Leave();
    }

    /// <summary>Keys, between <see cref="EnterKey"/> and <see cref="LeaveKey"/>, and values by turns, to be written next; then <see cref="LeaveDict"/>.</summary>
    public void EnterDict()
    {
        RefuseAsKey("A dictionary or an object");
        WriteByte(MarshalCode.Dict);
        Deepen();
    }

    public void EnterKey() => keys++;

    public void LeaveKey() => keys--;

    public void LeaveDict()
    {
        WriteByte(MarshalCode.End);
        Leave();
    }

    /// <summary>The fields of the extension are to be written next; then <see cref="Leave"/>.</summary>
    public void EnterExtension(PythonKind kind)
    {
        HasExtensions = true;
        EnterTuple(2 + PythonExtensions.Fields(kind));
        WriteByte(MarshalCode.Ellipsis);
        ReadOnlySpan<byte> tag = PythonExtensions.Tag(kind);
        WriteCount(MarshalCode.Str, tag.Length);
        tag.CopyTo(Reserve(tag.Length));
    }

    public void Leave() => depth--;

    private void Deepen()
    {
        if (++depth > MarshalCode.MaxDepth || ((depth & 15) == 0 && !RuntimeHelpers.TryEnsureSufficientExecutionStack()))
            throw new RefusedValueException($"a value that refers to itself, or is nested deeper than {MarshalCode.MaxDepth} levels,", "Pass a flat list, with indices instead of references.");
    }

    private readonly void RefuseAsKey(string what)
    {
        if (keys > 0)
            throw new RefusedValueException($"{what} as a key of a dictionary or in a set", "Python cannot hash it: use a tuple of simple values.");
    }

    private void WriteDigits(bool negative, UInt128 magnitude)
    {
        int digits = (128 - (int)UInt128.LeadingZeroCount(magnitude) + MarshalCode.DigitBits - 1) / MarshalCode.DigitBits;
        WriteCount(MarshalCode.Long, negative ? -digits : digits);
        for (; digits > 0; digits--)
        {
            WriteDigit((short)((int)(uint)magnitude & 0x7FFF));
            magnitude >>= MarshalCode.DigitBits;
        }
    }

    private void WriteDigit(short digit) => BinaryPrimitives.WriteInt16LittleEndian(Reserve(sizeof(short)), digit);

    private void WriteByte(byte value) => Reserve(1)[0] = value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void WriteCount(byte code, int count)
    {
        Span<byte> target = Reserve(1 + sizeof(int));
        BinaryPrimitives.WriteInt32LittleEndian(target[1..], count);
        target[0] = code;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Span<byte> Reserve(int count)
    {
        if (span.Length - used < count)
            Grow(count);
        Span<byte> target = span.Slice(used, count);
        used += count;
        return target;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Grow(int count)
    {
        Flush();
        span = output.GetSpan(Math.Max(count, LeastSpan));
    }
}
