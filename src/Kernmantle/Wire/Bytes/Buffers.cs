using System.Buffers;

namespace Kernmantle.Wire.Bytes;

/// <summary>Arrays for frames: pooled while they are small, of the exact size and left to the collector when large.</summary>
internal static class Buffers
{
    /// <summary>What a connection starts with, and falls back to after a large frame.</summary>
    public const int Initial = 16 << 10;

    // The pool rounds up to a power of two and keeps what it was given: for 256 MiB both would hurt. Below that, new memory would cost
    // more than what is copied into it.
    private const int LargestPooled = 8 << 20;

    public static byte[] Rent(int minimum) => minimum <= LargestPooled
        ? ArrayPool<byte>.Shared.Rent(minimum)
        : GC.AllocateUninitializedArray<byte>(minimum);

    public static void Return(byte[] array)
    {
        if (array.Length <= LargestPooled)
            ArrayPool<byte>.Shared.Return(array);
    }
}
