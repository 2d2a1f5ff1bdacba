using Kernmantle.Payloads;
using Kernmantle.Wire.Bytes;

namespace Kernmantle.Tests.Payloads;

/// <summary>Values through their codec and back, without a worker.</summary>
internal static class Payload
{
    public static byte[] Encode<T>(T value)
    {
        using var buffer = new PooledBuffer();
        var writer = new PayloadWriter(buffer);
        Codecs.For<T>().Write(ref writer, value);
        return buffer.Written.ToArray();
    }

    /// <summary>Fails if the codec leaves bytes unread.</summary>
    public static T Decode<T>(ReadOnlySpan<byte> bytes)
    {
        var reader = new PayloadReader(bytes);
        T value = Codecs.For<T>().Read(ref reader);
        Assert.Equal(0, reader.Remaining);
        return value;
    }

    public static T Cross<T>(T value) => Decode<T>(Encode(value));

    /// <summary>The value as the only member of an object: there it goes through the serializer and not by its bits.</summary>
    public static T CrossNested<T>(T value) => Cross(new Holder<T>("before", value, "after")) switch
    {
        { Before: "before", After: "after" } holder => holder.Value,
        var other => throw new InvalidOperationException($"The neighbours changed: {other}"),
    };

    /// <summary>Both ways of crossing give an equal value.</summary>
    public static void Survives<T>(T value)
    {
        Assert.Equal(value, Cross(value));
        Assert.Equal(value, CrossNested(value));
        Assert.Equal([value, value], Cross(new List<T> { value, value }));
    }

    public static NotPortableException Refused<T>() => Assert.Throws<NotPortableException>(static () => Codecs.For<T>());

    public static NotPortableException Refused<T>(T value) => Assert.Throws<NotPortableException>(() => Encode(value));

    public sealed record Holder<T>(string Before, T Value, string After);
}
