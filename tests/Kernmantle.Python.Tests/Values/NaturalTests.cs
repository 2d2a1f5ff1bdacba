using System.Collections;
using System.Numerics;
using Kernmantle.Functions;
using Kernmantle.Python.Tests.Interpreters;

namespace Kernmantle.Python.Tests.Values;

/// <summary>What a Python value is where no type is asked for.</summary>
[Interpreter("python3")]
public sealed class NaturalTests
{
    [Fact]
    public void A_Python_value_has_a_natural_type()
    {
        Is(null, "None");
        Is(true, "True");
        Is(5L, "5");
        Is(long.MinValue, "-2 ** 63");
        Is(BigInteger.Pow(2, 63), "2 ** 63");
        Is(1.5, "1.5");
        Is(new Complex(0, 1), "1j");
        Is("é", "'é'");
        Is("/tmp", "(..., 'path', '/tmp')");
        Is(1.5m, "(..., 'decimal', '1.5')");
        Is(Guid.Empty, "(..., 'uuid', bytes(16))");
        Is(new DateTime(2024, 1, 2, 3, 4, 5), "(..., 'datetime', 2024, 1, 2, 3, 4, 5, 0, None, 0)");
        Is(new DateTimeOffset(2024, 1, 2, 3, 4, 5, TimeSpan.FromHours(1)), "(..., 'datetime', 2024, 1, 2, 3, 4, 5, 0, 3600000000, 0)");
        Is(new DateOnly(2024, 1, 2), "(..., 'date', 2024, 1, 2)");
        Is(new TimeOnly(1, 2, 3), "(..., 'time', 1, 2, 3, 0, None)");
        Is(TimeSpan.FromDays(-1), "(..., 'timedelta', -1, 0, 0)");
        Is(3L, "(..., 'enum', 'E', 'A', 3)");
        Assert.Equal<byte>([1, 2], Assert.IsType<byte[]>(Wire.Eval<object>("b'\\x01\\x02'")));
        Assert.Equal([1L, "a"], Assert.IsType<List<object?>>(Wire.Eval<object>("[1, 'a']")));
        Assert.Equal([1L, null], Assert.IsType<object?[]>(Wire.Eval<object>("(1, None)")));
        Assert.Equal([], Assert.IsType<object?[]>(Wire.Eval<object>("()")));
        Assert.Equal([1L], Assert.IsType<HashSet<object?>>(Wire.Eval<object>("{1}")));
        Assert.Equal(2L, Assert.IsType<Dictionary<object, object?>>(Wire.Eval<object>("{1: 2}"))[1L]);
        Assert.Equal(2L, Assert.IsType<Dictionary<string, object?>>(Wire.Eval<object>("(..., 'record', 'P', {'x': 2})"))["x"]);
        Wire.Mismatch<object>("(..., 'other', 'socket', '<socket>')");
        Wire.Mismatch<object>("...");
        Wire.Mismatch<object>("{None: 1}");
    }

    private static void Is(object? value, string expression)
    {
        object? read = Wire.Eval<object?>(expression);
        Assert.Equal(value, read);
        Assert.Equal(value?.GetType(), read?.GetType());
    }

    [Fact]
    public void An_object_is_written_as_what_it_is()
    {
        Assert.Equal("[1, 'a', (2, None), {'k': [True]}]", Wire.Shown<object>(new ArrayList { 1, "a", (2, (string?)null), new Dictionary<string, object> { ["k"] = new[] { (object)true } } }));
        Assert.Equal("None", Wire.Shown<object?>(null));
    }

    [Fact]
    public void Unit_takes_anything()
    {
        foreach (string expression in (string[])["None", "[1, {2: (3, 4.5, 1j)}, 'é', b'x', {5}, 2 ** 100]", "(..., 'other', 'socket', '<socket>')", "...", "(..., 'block', 'd', (10,), 99, 0)"])
            Assert.Equal(default, Wire.Eval<Unit>(expression));
    }
}
