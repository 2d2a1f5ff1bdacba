using System.Buffers.Binary;
using Kernmantle.Payloads;
using Kernmantle.Wire.Bytes;
using Xunit;

namespace Kernmantle.Tests.Payloads;

/// <summary>Many values at once are what each is, behind its length.</summary>
public class ManyValuesTests
{
    private static readonly string?[] Texts = ["text", null, "", "\ud800", new('é', 2_000), "다섯"];

    [Fact]
    public void Texts_are_written_as_one_by_one() => AreWrittenAsOneByOne(Texts);

    [Fact]
    public void Runs_of_bits_are_written_as_one_by_one() => AreWrittenAsOneByOne<int[]?>([[1, 2, 3], [], null]);

    [Fact]
    public void Objects_are_written_as_one_by_one() => AreWrittenAsOneByOne<Plain?>([new(1), null, new(2)]);

    private static void AreWrittenAsOneByOne<T>(T[] values)
    {
        byte[] bytes = Written(values, int.MaxValue, out int done);
        Assert.Equal(values.Length, done);
        Assert.Equal([.. values.SelectMany(Behind)], bytes);

        var read = new T[values.Length];
        int count = 0;
        Codecs.For<T>().ReadMany(bytes, read, ref count);
        Assert.Equal(values.Length, count);
        Assert.Equal(values, read);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(12, 1)]
    [InlineData(23, 1)]
    [InlineData(24, 2)]
    [InlineData(1_000, 6)]
    public void Writing_ends_before_one_like_the_last_would_be_too_much(int limit, int expected)
    {
        Written(["ab", "cd", "ef", "gh", "ij", "kl"], limit, out int texts);
        Written<char[]>([['a', 'b'], ['c', 'd'], ['e', 'f'], ['g', 'h'], ['i', 'j'], ['k', 'l']], limit, out int runs);
        Assert.Equal((expected, expected), (texts, runs));
    }

    [Fact]
    public void One_that_cannot_cross_leaves_those_before_it()
    {
        Plain[] values = [new(1), new(2), new Special(3, "more")];
        using var buffer = new PooledBuffer();
        int done = 0;
        Assert.Throws<NotPortableException>(() =>
        {
            var writer = new PayloadWriter(buffer);
            Codecs.For<Plain>().WriteMany(ref writer, values, int.MaxValue, ref done);
        });
        Assert.Equal(2, done);
        Assert.Equal([.. Behind(new Plain(1)), .. Behind(new Plain(2))], buffer.Written[..(2 * Behind(new Plain(1)).Length)].ToArray());
    }

    [Fact]
    public void One_that_is_too_large_leaves_those_before_it()
    {
        string?[] values = ["a", "b", new('c', 100)];
        using var buffer = new PooledBuffer(limit: 40);
        int done = 0;
        Assert.Throws<PayloadTooLargeException>(() =>
        {
            var writer = new PayloadWriter(buffer);
            Codecs.For<string?>().WriteMany(ref writer, values, int.MaxValue, ref done);
        });
        Assert.Equal(2, done);
        Assert.Equal([.. Behind("a"), .. Behind("b")], buffer.Written.ToArray());
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(int.MinValue)]
    [InlineData(1_000)]
    public void A_forged_length_leaves_those_before_it(int forged)
    {
        byte[] bytes = [.. Behind("first"), .. Behind("second")];
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(Behind("first").Length), forged);
        var read = new string?[2];
        int done = 0;
        Assert.Throws<InvalidPayloadException>(() => Codecs.For<string?>().ReadMany(bytes, read, ref done));
        Assert.Equal((1, "first"), (done, read[0]));
    }

    private static byte[] Written<T>(T[] values, int limit, out int done)
    {
        using var buffer = new PooledBuffer();
        var writer = new PayloadWriter(buffer);
        done = 0;
        Codecs.For<T>().WriteMany(ref writer, values, limit, ref done);
        return buffer.Written.ToArray();
    }

    private static byte[] Behind<T>(T value)
    {
        byte[] own = Payload.Encode(value);
        return [.. BitConverter.GetBytes(own.Length), .. own];
    }

    public record Plain(int Number);

    public sealed record Special(int Number, string More) : Plain(Number);
}
