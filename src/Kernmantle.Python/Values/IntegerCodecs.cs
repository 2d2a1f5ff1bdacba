using System.Numerics;
using System.Runtime.CompilerServices;
using Kernmantle.Payloads.Preflight;

namespace Kernmantle.Python.Values;

/// <summary>An integer of fixed size as int; read with a check of its range.</summary>
internal sealed class IntegerCodec<T> : ValueCodec<T>
    where T : unmanaged, IBinaryInteger<T>
{
    public override void Write(ref PythonWriter writer, T value)
    {
        if (typeof(T) == typeof(UInt128) || typeof(T) == typeof(ulong))
            writer.WriteWide(UInt128.CreateTruncating(value));
        else if (typeof(T) == typeof(Int128))
            writer.WriteWide(Int128.CreateTruncating(value));
        else
            writer.WriteInteger(long.CreateTruncating(value));
    }

    public override T Read(ref PythonReader reader)
    {
        if (reader.TryReadInt32(out int small))
        {
            T value = T.CreateTruncating(small);
            return int.CreateTruncating(value) == small && T.IsNegative(value) == small < 0 ? value : throw OutOfRange();
        }
        return reader.Peek() == PythonKind.Int ? ReadLarge(ref reader) : ReadOther(ref reader);
    }

    private static T ReadLarge(ref PythonReader reader)
    {
        if (!reader.ReadInteger(out bool negative, out UInt128 magnitude, out BigInteger large))
        {
            // Between 120 and 128 bits: the wide ones may still hold it.
            try
            {
                return T.CreateChecked(large);
            }
            catch (OverflowException)
            {
                throw OutOfRange();
            }
        }
        if (negative)
        {
            Int128 signed = -(Int128)magnitude;
            T value = T.CreateSaturating(signed);
            return Int128.CreateSaturating(value) == signed ? value : throw OutOfRange();
        }
        T result = T.CreateSaturating(magnitude);
        return UInt128.CreateSaturating(result) == magnitude ? result : throw OutOfRange();
    }

    private static PythonValueMismatchException OutOfRange() =>
        Mismatch("int", $"The number is out of the range of {PortableTypes.Name(typeof(T))}: ask for BigInteger, which holds an int of any size.");
}

/// <summary>An integer of any size as int.</summary>
internal sealed class BigIntegerCodec : ValueCodec<BigInteger>
{
    /// <summary>Larger ones are not turned into decimal text, which takes quadratic time. Python has the same limit (4300 digits).</summary>
    public const int MaxTextBits = 14_284;

    public override void Write(ref PythonWriter writer, BigInteger value) => writer.WriteBig(value);

    public override BigInteger Read(ref PythonReader reader) => reader.Peek() == PythonKind.Int ? ReadInteger(ref reader) : ReadOther(ref reader);

    public static BigInteger ReadInteger(ref PythonReader reader)
    {
        if (!reader.ReadInteger(out bool negative, out UInt128 magnitude, out BigInteger large))
            return large;
        return negative ? -(BigInteger)magnitude : magnitude;
    }
}

/// <summary>A bool as bool, and nothing else as one.</summary>
internal sealed class BoolCodec : ValueCodec<bool>
{
    public override void Write(ref PythonWriter writer, bool value) => writer.WriteBool(value);

    public override bool Read(ref PythonReader reader) => reader.Peek() == PythonKind.Bool ? reader.ReadBool() : ReadOther(ref reader);
}

/// <summary>An enum as its number; read from a number, a name, or a member of a Python enum, by its name first.</summary>
internal sealed class EnumCodec<TEnum, TNumber> : ValueCodec<TEnum>
    where TEnum : struct, Enum
    where TNumber : unmanaged, IBinaryInteger<TNumber>
{
    private static readonly IntegerCodec<TNumber> Number = new();
    private static readonly Dictionary<string, TEnum> Names = CreateNames();

    public override void Write(ref PythonWriter writer, TEnum value) => Number.Write(ref writer, Unsafe.BitCast<TEnum, TNumber>(value));

    public override TEnum Read(ref PythonReader reader)
    {
        switch (reader.Peek())
        {
            case PythonKind.Int:
                try
                {
                    return Unsafe.BitCast<TNumber, TEnum>(Number.Read(ref reader));
                }
                catch (PythonValueMismatchException)
                {
                    throw Mismatch("int", "The number is out of the range of the enum.");
                }
            case PythonKind.Str:
                string name = reader.ReadString();
                return Names.TryGetValue(MemberNames.Fold(name), out TEnum named) ? named : throw Mismatch("str", $"It has no member '{name}'.");
            case PythonKind.Enum:
                reader.EnterExtension(PythonKind.Enum);
                reader.Skip();
                string? itsName = reader.Peek() == PythonKind.Str ? reader.ReadString() : null;
                if (itsName is null)
                    reader.Skip();   // flags that no name stands for
                if (itsName is not null && Names.TryGetValue(MemberNames.Fold(itsName), out TEnum member))
                    reader.Skip();
                else
                    member = Read(ref reader);
                reader.Leave();
                return member;
            default:
                return ReadOther(ref reader);
        }
    }

    private static Dictionary<string, TEnum> CreateNames()
    {
        var names = new Dictionary<string, TEnum>();
        foreach (string name in Enum.GetNames<TEnum>())
            names.TryAdd(MemberNames.Fold(name), Enum.Parse<TEnum>(name));
        return names;
    }
}
