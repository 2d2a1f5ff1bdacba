namespace Kernmantle.Chaos.Workers;

/// <summary>What both sides can compute: results, contents and seeds from a number.</summary>
internal static class Mixing
{
    /// <summary>The finalizer of SplitMix64 (Steele, Lea, Flood 2014).</summary>
    public static ulong Mix(ulong x)
    {
        x += 0x9E3779B97F4A7C15;
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
        return x ^ (x >> 31);
    }

    /// <summary>What the function of that call answers.</summary>
    public static long Answer(long id) => (long)Mix((ulong)id);

    /// <summary>An item of the stream of that call.</summary>
    public static long Item(long id, int index) => (long)Mix((ulong)id + ((ulong)index << 40));

    /// <summary>The bytes that belong to a call.</summary>
    public static void Fill(Span<byte> bytes, long id)
    {
        Span<ulong> words = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, ulong>(bytes);
        ulong x = Mix((ulong)id);
        for (int i = 0; i < words.Length; i++)
            words[i] = x += 0x9E3779B97F4A7C15;
        for (int i = words.Length * 8; i < bytes.Length; i++)
            bytes[i] = (byte)(id + i);
    }

    public static byte[] Bytes(long id, int length)
    {
        byte[] bytes = GC.AllocateUninitializedArray<byte>(length);
        Fill(bytes, id);
        return bytes;
    }

    public static long Checksum(ReadOnlySpan<byte> bytes)
    {
        ulong sum = (ulong)bytes.Length;
        foreach (ulong word in System.Runtime.InteropServices.MemoryMarshal.Cast<byte, ulong>(bytes))
            sum = ulong.RotateLeft(sum, 5) ^ word;
        for (int i = bytes.Length & ~7; i < bytes.Length; i++)
            sum = ulong.RotateLeft(sum, 5) ^ bytes[i];
        return (long)Mix(sum);
    }
}
