using System.Numerics;
using Kernmantle.Channels.Log;

namespace Kernmantle.Tests.Channels.Log;

/// <summary>That lanes make no difference, and that it is the checksum that others know.</summary>
public sealed class LogChecksumTests
{
    [Fact]
    public void It_is_the_CRC_32C_of_RFC_3720()
    {
        Assert.Equal(0x8A9136AAu, ~LogChecksum.Of(LogChecksum.Start, new byte[32]));
        Assert.Equal(0xE3069283u, ~LogChecksum.Of(LogChecksum.Start, "123456789"u8));
    }

    [Fact]
    public void It_is_the_same_in_one_and_in_parts_for_all_lengths()
    {
        byte[] bytes = new byte[20_000];
        new Random(5).NextBytes(bytes);
        foreach (int length in (int[])[.. Enumerable.Range(0, 70), 4095, 4096, 4097, 8191, 8192, 8200, 12_289, bytes.Length])
        {
            uint expected = 7;
            foreach (byte one in bytes.AsSpan(0, length))
                expected = BitOperations.Crc32C(expected, one);
            Assert.Equal(expected, LogChecksum.Of(7, bytes.AsSpan(0, length)));
            int part = length / 2 & -8;
            Assert.Equal(expected, LogChecksum.Of(LogChecksum.Of(7, bytes.AsSpan(0, part)), bytes.AsSpan(part, length - part)));
        }
    }
}
