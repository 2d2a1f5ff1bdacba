using System.Numerics;
using CsCheck;
using Kernmantle.Python.Tests.Interpreters;

namespace Kernmantle.Python.Tests.Values;

/// <summary>Whatever is written comes back from a real Python as it was, in the same bytes.</summary>
[Interpreter("python3")]
public sealed class PropertyTests
{
    private const long Samples = 500;

    private static readonly Gen<string> Text = Gen.Char.Array[0, 12].Select(static c => new string(c));

    private static readonly Gen<BigInteger> Integers = Gen.Byte.Array[0, 40].Select(static b => new BigInteger(b));

    [Fact]
    public void Strings_of_any_code_units_return() => Holds(Text);

    [Fact]
    public void Longs_return() => Holds(Gen.Long);

    [Fact]
    public void Integers_of_any_size_return() => Holds(Integers);

    [Fact]
    public void Doubles_return() => Holds(Gen.Double.Special);

    [Fact]
    public void Decimals_return() => Holds(Gen.Decimal);

    [Fact]
    public void Moments_return() => Holds(Gen.DateTime.Select(static d => new DateTime(d.Ticks / 10 * 10, DateTimeKind.Utc)));

    [Fact]
    public void Spans_of_time_return() => Holds(Gen.TimeSpan.Select(static t => new TimeSpan(t.Ticks / 10 * 10)));

    [Fact]
    public void Nested_lists_and_tuples_return() => Holds(Gen.Select(Gen.Long.Array[0, 5].List[0, 4], Text.Array[0, 3], Gen.Double.Nullable(), static (a, b, c) => (a, b, c)).List[0, 4]);

    [Fact]
    public void Dictionaries_return() => Holds(Gen.Dictionary(Text, Gen.Select(Gen.Int, Gen.Bool, Gen.Guid))[0, 6]);

    [Fact]
    public void Arrays_return() => Holds(Gen.Select(Gen.Double.Array[0, 50], Gen.Short.Array[0, 50], Gen.Bool.Array[0, 9]));

    private static void Holds<T>(Gen<T> gen)
    {
        _ = PythonChild.Get();
        gen.Sample(static value => Wire.ReturnsAsWritten(value), iter: Samples, threads: 1);
    }
}
