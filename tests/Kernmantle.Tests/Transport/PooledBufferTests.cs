using System.Buffers;
using Kernmantle.Wire.Bytes;
using Xunit;

namespace Kernmantle.Tests.Transport;

public sealed class PooledBufferTests
{
    [Fact]
    public void It_keeps_what_is_written_over_many_sizes()
    {
        using var buffer = new PooledBuffer();
        byte[] expected = Bodies.Random(new Random(5), 3 << 20);
        for (int at = 0, size = 1; at < expected.Length; at += size, size = (size * 3) + 1)
        {
            size = Math.Min(size, expected.Length - at);
            buffer.Write(expected.AsSpan(at, size));
        }
        Assert.True(buffer.Written.SequenceEqual(expected));
    }

    [Fact]
    public void It_stops_at_its_limit()
    {
        using var buffer = new PooledBuffer(1000, "The result");
        buffer.Write(new byte[1000]);
        var failure = Assert.Throws<PayloadTooLargeException>(() => buffer.Write(new byte[1]));
        Assert.Equal((1001, 1000), (failure.SizeBytes, failure.LimitBytes));
    }
}
