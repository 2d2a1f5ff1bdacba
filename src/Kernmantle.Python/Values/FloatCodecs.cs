using System.Globalization;
using System.Numerics;

namespace Kernmantle.Python.Values;

/// <summary>A binary floating-point number as float; read from float and int, rounded as Python rounds.</summary>
internal sealed class FloatCodec<T> : ValueCodec<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    public override void Write(ref PythonWriter writer, T value) => writer.WriteFloat(double.CreateTruncating(value));

    public override T Read(ref PythonReader reader)
    {
        if (reader.TryReadFloat(out double value))
            return Checked(value, "float");
        if (reader.TryReadInt32(out int small))
            return Checked(small, "int");
        return reader.Peek() switch
        {
            PythonKind.Int => Checked((double)BigIntegerCodec.ReadInteger(ref reader), "int", wasFinite: true),
            PythonKind.Float => Checked(reader.ReadFloat(), "float"),
            _ => ReadOther(ref reader),
        };
    }

    private static T Checked(double value, string pythonType, bool wasFinite = false)
    {
        T result = T.CreateTruncating(value);
        return T.IsFinite(result) || !(wasFinite || double.IsFinite(value))
            ? result
            : throw Mismatch(pythonType, "The number is too large for it: ask for a wider type.");
    }
}

/// <summary>A complex number as complex; read from real ones too.</summary>
internal sealed class ComplexCodec : ValueCodec<Complex>
{
    private static readonly FloatCodec<double> Real = new();

    public override void Write(ref PythonWriter writer, Complex value) => writer.WriteComplex(value);

    public override Complex Read(ref PythonReader reader) => reader.Peek() switch
    {
        PythonKind.Complex => reader.ReadComplex(),
        PythonKind.Float or PythonKind.Int => Real.Read(ref reader),
        _ => ReadOther(ref reader),
    };
}

/// <summary>A decimal as decimal.Decimal; read exactly or not at all from that, and from int, and from float as its shortest decimal.</summary>
internal sealed class DecimalCodec : ValueCodec<decimal>
{
    private const int MaxScale = 28;
    private static readonly BigInteger MaxCoefficient = (BigInteger.One << 96) - 1;

    public override void Write(ref PythonWriter writer, decimal value)
    {
        Span<char> text = stackalloc char[40];
        value.TryFormat(text, out int length, provider: CultureInfo.InvariantCulture);
        writer.EnterExtension(PythonKind.Decimal);
        writer.WriteString(text[..length]);
        writer.Leave();
    }

    public override decimal Read(ref PythonReader reader)
    {
        switch (reader.Peek())
        {
            case PythonKind.Int:
                if (reader.ReadInteger(out bool negative, out UInt128 magnitude, out _) && magnitude >> 96 == 0)
                    return negative ? -(decimal)magnitude : (decimal)magnitude;
                throw Mismatch("int", "The number is too large for it: ask for BigInteger.");
            case PythonKind.Float:
                // As decimal.Decimal(repr(x)): the digits that one sees.
                string shown = reader.ReadFloat().ToString("R", CultureInfo.InvariantCulture);
                return Parse(shown) ?? throw Mismatch("float", $"{shown} is no decimal: ask for double.");
            case PythonKind.Decimal:
                reader.EnterExtension(PythonKind.Decimal);
                string text = reader.ReadString();
                reader.Leave();
                return Parse(text) ?? throw Mismatch("decimal.Decimal", "It has more digits than decimal, or is not finite: ask for string with str(…), or for double with float(…).");
            default:
                return ReadOther(ref reader);
        }
    }

    /// <summary>The number exactly, with its trailing zeros where there is room for them; null where it is none.</summary>
    public static decimal? Parse(string text)
    {
        int mark = text.AsSpan().IndexOfAny('E', 'e');
        int exponent = 0;
        if (mark >= 0 && !int.TryParse(text.AsSpan(mark + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out exponent))
            return null;
        ReadOnlySpan<char> digits = mark >= 0 ? text.AsSpan(0, mark) : text;
        bool negative = digits.StartsWith("-");
        digits = negative || digits.StartsWith("+") ? digits[1..] : digits;
        int point = digits.IndexOf('.');
        int fraction = point < 0 ? 0 : digits.Length - point - 1;
        string whole = point < 0 ? digits.ToString() : string.Concat(digits[..point], digits[(point + 1)..]);
        long scale = fraction - (long)exponent;
        int zeros = whole.Length - whole.AsSpan().TrimEnd('0').Length;
        int cut = (int)Math.Clamp(scale - MaxScale, 0, zeros);
        scale -= cut;
        whole = whole[..^cut];
        if (whole.Length == 0)
            return cut > 0 ? Make(0, negative, MaxScale) : null;
        int significant = whole.AsSpan().TrimStart('0').Length;
        if (significant == 0)
            return whole.AsSpan().ContainsAnyExcept('0') ? null : Make(0, negative, Math.Clamp(scale, 0, MaxScale));
        if (whole.AsSpan().ContainsAnyExceptInRange('0', '9') || significant > 60 || scale > MaxScale || scale < -MaxScale)
            return null;
        BigInteger coefficient = BigInteger.Parse(whole, NumberStyles.None, CultureInfo.InvariantCulture);
        if (scale < 0)
        {
            coefficient *= BigInteger.Pow(10, (int)-scale);
            scale = 0;
        }
        for (; scale > 0 && coefficient > MaxCoefficient; scale--)
        {
            coefficient = BigInteger.DivRem(coefficient, 10, out BigInteger rest);
            if (!rest.IsZero)
                return null;
        }
        return coefficient <= MaxCoefficient ? Make((UInt128)coefficient, negative, scale) : null;
    }

    private static decimal Make(UInt128 coefficient, bool negative, long scale) =>
        new((int)(uint)coefficient, (int)(uint)(coefficient >> 32), (int)(uint)(coefficient >> 64), negative, (byte)scale);
}
