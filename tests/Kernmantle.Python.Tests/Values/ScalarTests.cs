using System.Globalization;
using System.Numerics;
using Kernmantle.Python.Tests.Interpreters;

namespace Kernmantle.Python.Tests.Values;

/// <summary>Single values, to Python and back, at their edges.</summary>
[Interpreter("python3")]
public sealed class ScalarTests
{
    private enum Tone : byte
    {
        Low = 1,
        VeryHigh = 200,
    }

    [Fact]
    public void Integers_around_every_edge_survive_or_are_refused()
    {
        int[] powers = [0, 1, 7, 8, 14, 15, 16, 29, 30, 31, 32, 45, 62, 63, 64, 75, 119, 120, 121, 126, 127, 128, 135, 150, 200, 1000, 5000];
        foreach (int power in powers)
        {
            for (int delta = -2; delta <= 2; delta++)
            {
                BigInteger value = BigInteger.Pow(2, power) + delta;
                foreach (BigInteger signed in (BigInteger[])[value, -value])
                {
                    Wire.Survives(signed);
                    Assert.Equal(signed.ToString(CultureInfo.InvariantCulture), power > 4000 ? signed.ToString(CultureInfo.InvariantCulture) : Wire.Shown(signed));
                    Fits<sbyte>(signed);
                    Fits<byte>(signed);
                    Fits<short>(signed);
                    Fits<ushort>(signed);
                    Fits<int>(signed);
                    Fits<uint>(signed);
                    Fits<long>(signed);
                    Fits<ulong>(signed);
                    Fits<Int128>(signed);
                    Fits<UInt128>(signed);
                }
            }
        }
    }

    private static void Fits<T>(BigInteger number)
        where T : IBinaryInteger<T>, IMinMaxValue<T>
    {
        byte[] bytes = Wire.Write(number);
        bool fits = number >= BigInteger.CreateChecked(T.MinValue) && number <= BigInteger.CreateChecked(T.MaxValue);
        if (!fits)
        {
            Assert.Contains("BigInteger", Assert.Throws<Kernmantle.Python.Values.PythonValueMismatchException>(() => Wire.Read<T>(bytes)).Remedy, StringComparison.Ordinal);
            return;
        }
        Assert.Equal(T.CreateChecked(number), Wire.Read<T>(bytes));
        Assert.Equal(Convert.ToHexString(bytes), Convert.ToHexString(Wire.Write(T.CreateChecked(number))));
    }

    [Fact]
    public void Floats_survive_bit_for_bit()
    {
        foreach (double value in (double[])[0, -0.0, 1, -1.5, Math.PI, double.MaxValue, double.MinValue, double.Epsilon, double.NaN, double.PositiveInfinity, double.NegativeInfinity, 1e-310])
        {
            Wire.Survives(value);
            Assert.Equal(BitConverter.DoubleToInt64Bits(value), BitConverter.DoubleToInt64Bits(Wire.ThroughPython(value)));
            Wire.Survives(new Complex(value, -value));
        }
        foreach (float value in (float[])[0, -0f, 1.1f, float.MaxValue, float.Epsilon, float.NaN, float.NegativeInfinity])
            Wire.Survives(value);
        foreach (Half value in (Half[])[Half.Zero, Half.NegativeZero, Half.MaxValue, Half.Epsilon, Half.NaN, Half.PositiveInfinity, (Half)1.5])
            Wire.Survives(value);
        Assert.Equal("-0.0", Wire.Shown(-0.0));
        Assert.Equal("nan", Wire.Shown(double.NaN));
        Assert.Equal("(1+2j)", Wire.Shown(new Complex(1, 2)));
        Assert.Equal(3.0, Wire.Eval<double>("3"));
        Assert.Equal(3f, Wire.Eval<float>("3"));
        Assert.Equal(Math.Pow(2, 100), Wire.Eval<double>("2 ** 100"));
        Assert.Equal(new Complex(2, 0), Wire.Eval<Complex>("2.0"));
    }

    [Fact]
    public void Decimals_are_exact()
    {
        foreach (decimal value in (decimal[])[0, 1.50m, -1.50m, decimal.MaxValue, decimal.MinValue, 0.0000000000000000000000000001m, 79228162514264.337593543950335m, 0.00m])
        {
            Wire.Survives(value);
            Assert.Equal(decimal.GetBits(value), decimal.GetBits(Wire.ThroughPython(value)));
        }
        Assert.Equal("(Ellipsis, 'decimal', '1.50')", Wire.Shown(1.50m));
        Assert.Equal(100m, Wire.Eval<decimal>("100"));
        Assert.Equal(0.1m, Wire.Eval<decimal>("0.1"));
        Assert.Equal(1500m, Wire.Eval<decimal>("(..., 'decimal', '1.5E+3')"));
        Assert.Equal(0m, Wire.Eval<decimal>("(..., 'decimal', '0E-100')"));
        Assert.Equal(1m, Wire.Eval<decimal>("(..., 'decimal', '1.' + '0' * 60)"));
        foreach (string bad in (string[])["NaN", "Infinity", "-sNaN12", "1E+29", "1E-29", "0.12345678901234567890123456789123", "79228162514264337593543950336", "1E999999999", "1E99999999999999999999", "", "-", ".", "+-1", "1e", "1_0", "1..2", "0x1", " 1"])
            Wire.Mismatch<decimal>($"(..., 'decimal', '{bad}')");
    }

    [Fact]
    public void Text_survives_lone_surrogates_included()
    {
        foreach (string? value in (string?[])[null, "", "a", "a\0b", "é", "漢字", "😀", "\ud800", "\udfff", "x\udc00y\ud800", "\ud800a", new string('x', 100_000), new string('漢', 70_000), new string('\ud800', 300), "\ud83d\ude00\ud83d"])
            Wire.Survives(value);
        Assert.Equal(@"'\ud800'", Wire.Shown("\ud800"));
        Assert.Equal(@"'\U0001f600'", Wire.Shown("😀"));
        Assert.Equal("\ud800\udc00", Wire.Eval<string>(@"'\ud800\udc00'"));
        foreach (char value in (char[])['a', '\0', '漢', '\ud800', '\uffff'])
            Wire.Survives(value);
        Wire.Mismatch<char>(@"'\U0001f600'");
        Wire.Mismatch<char>("''");
    }

    [Fact]
    public void Older_and_newer_forms_of_strings_and_tuples_are_read()
    {
        Assert.Equal("ab", Wire.Read<string>("t\x02\0\0\0ab"u8));
        Assert.Equal("ab", Wire.Read<string>("a\x02\0\0\0ab"u8));
        Assert.Equal("ab", Wire.Read<string>("A\x02\0\0\0ab"u8));
        Assert.Equal("ab", Wire.Read<string>("z\u0002ab"u8));
        Assert.Equal("ab", Wire.Read<string>("Z\u0002ab"u8));
        Assert.Equal((true, "ab"), Wire.Read<(bool, string)>(")\u0002TZ\u0002ab"u8));
    }

    [Fact]
    public void Bools_and_nulls_survive()
    {
        Wire.Survives(true);
        Wire.Survives(false);
        Wire.Survives<bool?>(null);
        Wire.Survives<int?>(5);
        Wire.Survives<int?>(null);
        Wire.Survives<Guid?>(null);
        Assert.Equal("None", Wire.Shown<string?>(null));
        Assert.Equal("True", Wire.Shown(true));
    }

    [Fact]
    public void Bytes_survive()
    {
        foreach (byte[] value in (byte[][])[[], [0], [1, 2, 255], new byte[100_000]])
        {
            Wire.Survives(value);
            Assert.Equal(value, Wire.ThroughPython<ReadOnlyMemory<byte>>(value).ToArray());
            Assert.Equal(value, Wire.ThroughPython<Memory<byte>>(value).ToArray());
            Assert.Equal(value, Wire.ThroughPython(new ArraySegment<byte>(value)).ToArray());
        }
        Assert.Equal(@"b'\x00a'", Wire.Shown<byte[]>([0, 97]));
        Assert.Null(Wire.ThroughPython<byte[]?>(null));
    }

    [Fact]
    public void Times_survive()
    {
        foreach (DateTime value in (DateTime[])[new(1, 1, 1), new(2024, 2, 29, 23, 59, 59, 999, 999), new(9999, 12, 31, 23, 59, 59)])
        {
            foreach (DateTimeKind kind in (DateTimeKind[])[DateTimeKind.Utc, DateTimeKind.Unspecified])
            {
                DateTime back = Wire.ThroughPython(DateTime.SpecifyKind(value, kind));
                Assert.Equal((value.Ticks, kind), (back.Ticks, back.Kind));
            }
        }
        DateTime local = new(2024, 7, 1, 12, 0, 0, DateTimeKind.Local);
        Assert.Equal(local.ToUniversalTime(), Wire.ThroughPython(local));
        Assert.Equal("(Ellipsis, 'datetime', 2024, 2, 29, 1, 2, 3, 4005, 5400000000, 0)", Wire.Shown(new DateTimeOffset(2024, 2, 29, 1, 2, 3, 4, 5, TimeSpan.FromMinutes(90))));
        foreach (int minutes in (int[])[0, 840, -840, 345])
            Wire.Survives(new DateTimeOffset(2024, 2, 29, 1, 2, 3, TimeSpan.FromMinutes(minutes)));
        // Python has offsets of seconds; the instant stays.
        Assert.Equal(new DateTimeOffset(2024, 1, 1, 11, 59, 59, TimeSpan.Zero), Wire.Eval<DateTimeOffset>("(..., 'datetime', 2024, 1, 1, 12, 0, 0, 0, 1000000, 0)"));
        Assert.Equal(new DateTime(2024, 1, 1, 11, 0, 0, DateTimeKind.Utc), Wire.Eval<DateTime>("(..., 'datetime', 2024, 1, 1, 12, 0, 0, 0, 3600000000, 0)"));
        Wire.Mismatch<DateTime>("(..., 'datetime', 1, 1, 1, 0, 0, 0, 0, 3600000000, 0)");
        Wire.Mismatch<DateTimeOffset>("(..., 'datetime', 2024, 1, 1, 0, 0, 0, 0, None, 0)");
        Wire.Survives(new DateOnly(1, 1, 1));
        Wire.Survives(new DateOnly(9999, 12, 31));
        Wire.Survives(TimeOnly.MinValue);
        Wire.Survives(new TimeOnly(23, 59, 59, 999, 999));
        Wire.Mismatch<TimeOnly>("(..., 'time', 1, 2, 3, 4, 0)");
        foreach (long microseconds in (long[])[0, 1, -1, 86_400_000_000, -86_400_000_000, 86_400_000_001, long.MaxValue / 10, long.MinValue / 10])
            Wire.Survives(TimeSpan.FromTicks(microseconds * 10));
        Assert.Equal("(Ellipsis, 'timedelta', -1, 86399, 999999)", Wire.Shown(TimeSpan.FromMicroseconds(-1)));
        Wire.Mismatch<TimeSpan>("(..., 'timedelta', 999999999, 0, 0)");
    }

    [Fact]
    public void Guids_are_in_the_order_of_the_RFC()
    {
        var value = Guid.Parse("00112233-4455-6677-8899-aabbccddeeff");
        Wire.Survives(value);
        Assert.Equal(@"(Ellipsis, 'uuid', b'\x00\x11""3DUfw\x88\x99\xaa\xbb\xcc\xdd\xee\xff')", Wire.Shown(value));
    }

    [Fact]
    public void Enums_survive_by_value_and_are_found_by_name()
    {
        Wire.Survives(Tone.VeryHigh);
        Wire.Survives((Tone)5);
        Wire.Survives<DayOfWeek?>(DayOfWeek.Friday);
        Assert.Equal("200", Wire.Shown(Tone.VeryHigh));
        Assert.Equal(Tone.VeryHigh, Wire.Eval<Tone>("'VERY_HIGH'"));
        Assert.Equal(Tone.VeryHigh, Wire.Eval<Tone>("(..., 'enum', 'Tone', 'VERY_HIGH', 'anything')"));
        Assert.Equal(Tone.Low, Wire.Eval<Tone>("(..., 'enum', 'Tone', 'OTHER', 1)"));
        Assert.Equal((Tone.Low, 3), Wire.Eval<(Tone, int)>("((..., 'enum', 'Flags', None, 1), 3)"));   // flags that no name stands for
        Assert.Equal(7, Wire.Eval<int>("(..., 'enum', 'Tone', 'OTHER', 7)"));
        Assert.Equal("x", Wire.Eval<string>("(..., 'enum', 'Tone', 'OTHER', 'x')"));
        Wire.Mismatch<Tone>("256");
        Wire.Mismatch<Tone>("'middle'");
    }

    [Fact]
    public void A_path_is_a_string() => Assert.Equal("/tmp/é", Wire.Eval<string>("(..., 'path', '/tmp/é')"));
}
