using System.Numerics;
using System.Text;

namespace Kernmantle.Tests.Payloads;

/// <summary>Plain values arrive as they were, alone, as a member and as an item.</summary>
public sealed class ValueRoundTripTests
{
    private enum Small : byte { A = 1, B = 200 }

    [Flags]
    private enum Wide : ulong { None, Top = 1UL << 63 }

    [Fact]
    public void Primitives_survive()
    {
        Payload.Survives(true);
        Payload.Survives(byte.MaxValue);
        Payload.Survives(sbyte.MinValue);
        Payload.Survives(short.MinValue);
        Payload.Survives(ushort.MaxValue);
        Payload.Survives(int.MinValue);
        Payload.Survives(uint.MaxValue);
        Payload.Survives(long.MinValue);
        Payload.Survives(ulong.MaxValue);
        Payload.Survives('\ud800');
        Payload.Survives(float.NaN);
        Payload.Survives(double.Epsilon);
        Assert.Equal(BitConverter.DoubleToInt64Bits(-0.0), BitConverter.DoubleToInt64Bits(Payload.CrossNested(-0.0)));
    }

    [Fact]
    public void Enums_survive()
    {
        Payload.Survives(Small.B);
        Payload.Survives((Small)77);
        Payload.Survives(Wide.Top);
    }

    [Fact]
    public void Nullables_survive()
    {
        Payload.Survives<int?>(null);
        Payload.Survives<int?>(0);
        Payload.Survives<Small?>(Small.A);
        Payload.Survives<Guid?>(null);
        Payload.Survives<Payload.Holder<int>?>(null);
        Payload.Survives<(string, int)?>(("a", 1));
        Payload.Survives<(string, int)?>(null);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("a\0é한😀")]
    [InlineData("\ud800")]
    [InlineData("x\udc00\ud800y")]
    public void Strings_survive_lone_surrogates_included(string? text) => Payload.Survives(text);

    [Fact]
    public void Lone_surrogates_survive_as_keys()
    {
        Assert.Equal(["\udc00"], Payload.Cross(new Dictionary<string, int> { ["\udc00"] = 1 }).Keys);
        Assert.Equal(["\udc00"], Payload.Cross(new[] { "\udc00" }));
    }

    [Fact]
    public void Numbers_survive()
    {
        Payload.Survives(decimal.MaxValue);
        Assert.Equal(decimal.GetBits(1.000m), decimal.GetBits(Payload.CrossNested(1.000m)));
        Payload.Survives(BigInteger.Pow(-7, 500));
        Payload.Survives(Int128.MinValue);
        Payload.Survives(UInt128.MaxValue);
        Payload.Survives((Half)1.5);
        Payload.Survives(Half.NaN);
        Payload.Survives(new Complex(1, double.NegativeInfinity));
        Payload.Survives(new Vector3(1, 2, 3));
    }

    [Theory]
    [InlineData(DateTimeKind.Unspecified)]
    [InlineData(DateTimeKind.Utc)]
    [InlineData(DateTimeKind.Local)]
    public void Times_of_day_keep_their_kind(DateTimeKind kind)
    {
        var time = new DateTime(638_000_000_123_456_789, kind);
        Assert.Equal((time.Ticks, kind), (Payload.Cross(time).Ticks, Payload.Cross(time).Kind));
        Assert.Equal((time.Ticks, kind), (Payload.CrossNested(time).Ticks, Payload.CrossNested(time).Kind));
        Assert.Equal(kind, Payload.CrossNested<DateTime?>(time)!.Value.Kind);
        Assert.Equal(kind, Payload.CrossNested<DateTime[]>([time])[0].Kind);
        Assert.Equal(kind, Payload.Cross<(string, DateTime)>(("a", time)).Item2.Kind);
    }

    [Fact]
    public void Times_survive()
    {
        var offset = new DateTimeOffset(2024, 2, 29, 23, 59, 59, 123, 456, new TimeSpan(-5, -45, 0)).AddTicks(7);
        Payload.Survives(offset);
        Assert.Equal((offset.DateTime, offset.Offset), (Payload.CrossNested(offset).DateTime, Payload.CrossNested(offset).Offset));
        Payload.Survives(DateTimeOffset.MinValue);
        Payload.Survives(TimeSpan.MinValue);
        Payload.Survives(new DateOnly(2024, 2, 29));
        Payload.Survives(TimeOnly.MaxValue);
        Payload.Survives(DateTime.MaxValue);
    }

    [Fact]
    public void Other_plain_values_survive()
    {
        Payload.Survives(Guid.NewGuid());
        Payload.Survives(new Version(1, 2));
        Payload.Survives(new Version(1, 2, 3, 4));
        Payload.Survives<Version?>(null);
        Payload.Survives(new Uri("https://example.org/a%20b?q=é#f"));
        Payload.Survives(new Uri("../relative path", UriKind.Relative));
        Payload.Survives(new Rune(0x1F600));
        Payload.Survives(^3);
        Payload.Survives(1..^2);
    }
}
