using Kernmantle.Python.Values;

namespace Kernmantle.Python.Tests.Values;

/// <summary>Python 2's str: bytes, and what it mostly has for text.</summary>
public sealed class Python2Tests
{
    /// <summary><c>{'grüß': ('a', '\xff', u'b')}</c>, as Python 2.7 writes it.</summary>
    private static readonly byte[] Dict = [.. "{s\u0006\0\0\0grüß(\u0003\0\0\0s\u0001\0\0\0as\u0001\0\0\0"u8, 0xff, .. "u\u0001\0\0\0b0"u8];

    [Fact]
    public void Bytes_that_are_UTF8_are_text_and_others_stay_bytes()
    {
        var natural = Assert.IsType<Dictionary<object, object?>>(Wire.Read<object?>(Dict, isPython2: true));
        Assert.Equal("grüß", Assert.Single(natural.Keys));
        var items = Assert.IsType<object?[]>(natural["grüß"]);
        Assert.Equal(("a", "b"), (items[0], items[2]));
        Assert.Equal(0xff, Assert.Single(Assert.IsType<byte[]>(items[1])));
        Assert.Throws<PythonValueMismatchException>(() => Wire.Read<Dictionary<string, string[]>>(Dict, isPython2: true));
    }

    [Fact]
    public void They_are_bytes_where_bytes_are_wanted()
    {
        byte[] text = [.. "s\u0002\0\0\0ab"u8];
        Assert.Equal("ab", Wire.Read<string>(text, isPython2: true));
        Assert.Equal("ab"u8.ToArray(), Wire.Read<byte[]>(text, isPython2: true));
        Assert.Equal("ab"u8.ToArray(), Wire.Read<ReadOnlyMemory<byte>>(text, isPython2: true).ToArray());
        Assert.Equal("ab"u8.ToArray(), Wire.Read<List<byte>>(text, isPython2: true));
        Assert.Throws<PythonValueMismatchException>(() => Wire.Read<byte[]>([.. "u\u0002\0\0\0ab"u8], isPython2: true));
    }

    [Fact]
    public void To_Python_3_bytes_are_no_text() =>
        Assert.Throws<PythonValueMismatchException>(() => Wire.Read<string>([.. "s\u0002\0\0\0ab"u8]));
}
