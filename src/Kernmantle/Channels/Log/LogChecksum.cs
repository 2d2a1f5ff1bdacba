using System.Numerics;
using System.Runtime.InteropServices;

namespace Kernmantle.Channels.Log;

/// <summary>
/// CRC-32C, with the processor's instruction where it has one. That waits for its own result, so four lanes go over what is long, and are put together: the CRC of what is followed by zeros is a linear function
/// of its CRC, for which there is a table. What the checksum is good for, and what not, says README.md.
/// </summary>
internal static class LogChecksum
{
    public const uint Start = uint.MaxValue;

    private const int Lane = 128, Lanes = 4;   // words

    /// <summary>For each byte of a CRC and each of its values: the CRC after a lane of zeros.</summary>
    private static readonly uint[] AfterALane = MakeTable();

    public static uint Of(uint before, long value) => BitOperations.Crc32C(before, (ulong)value);

    /// <summary>Goes on from <paramref name="before"/>. Parts of one content but for the last have a multiple of 8 bytes.</summary>
    public static uint Of(uint before, ReadOnlySpan<byte> bytes)
    {
        uint check = before;
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(bytes);
        bytes = bytes[(words.Length * sizeof(ulong))..];
        for (; words.Length >= Lane * Lanes; words = words[(Lane * Lanes)..])
            check = OfLanes(check, words[..Lane], words.Slice(Lane, Lane), words.Slice(2 * Lane, Lane), words.Slice(3 * Lane, Lane));
        foreach (ulong word in words)
            check = BitOperations.Crc32C(check, word);
        foreach (byte rest in bytes)
            check = BitOperations.Crc32C(check, rest);
        return check;
    }

    private static uint OfLanes(uint a, ReadOnlySpan<ulong> first, ReadOnlySpan<ulong> second, ReadOnlySpan<ulong> third, ReadOnlySpan<ulong> fourth)
    {
        uint b = 0, c = 0, d = 0;
        for (int i = 0; i < Lane; i++)
        {
            a = BitOperations.Crc32C(a, first[i]);
            b = BitOperations.Crc32C(b, second[i]);
            c = BitOperations.Crc32C(c, third[i]);
            d = BitOperations.Crc32C(d, fourth[i]);
        }
        return Shift(Shift(Shift(a) ^ b) ^ c) ^ d;
    }

    private static uint Shift(uint check) =>
        AfterALane[(byte)check] ^ AfterALane[256 + (byte)(check >> 8)] ^ AfterALane[512 + (byte)(check >> 16)] ^ AfterALane[768 + (check >> 24)];

    private static uint[] MakeTable()
    {
        uint[] table = new uint[sizeof(uint) * 256];
        for (int i = 0; i < table.Length; i++)
        {
            uint check = (uint)(i & 255) << (i / 256 * 8);
            for (int word = 0; word < Lane; word++)
                check = BitOperations.Crc32C(check, 0UL);
            table[i] = check;
        }
        return table;
    }
}
