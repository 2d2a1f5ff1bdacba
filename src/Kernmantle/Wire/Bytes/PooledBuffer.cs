using System.Buffers;
using System.Buffers.Binary;

namespace Kernmantle.Wire.Bytes;

/// <summary>Collects a body before it is sent. Not thread-safe.</summary>
/// <param name="limit">The most bytes it takes.</param>
/// <param name="what">What is collected, for the failure's message.</param>
internal sealed class PooledBuffer(long limit = long.MaxValue, string what = "The message") : IBufferWriter<byte>, IDisposable
{
    /// <summary>A larger array is given back after use.</summary>
    private const int KeptBytes = 64 << 10;

    private byte[] array = [];
    private int count;

    /// <summary>Valid until the buffer is used again.</summary>
    public ReadOnlyMemory<byte> WrittenMemory => array.AsMemory(0, count);

    public ReadOnlySpan<byte> Written => array.AsSpan(0, count);

    /// <exception cref="PayloadTooLargeException">More than the limit; encoding stops here instead of exhausting the memory.</exception>
    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, array.Length - this.count);
        if (this.count + (long)count > limit)
            throw new PayloadTooLargeException(what, this.count + (long)count, limit);
        this.count += count;
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Ensure(sizeHint);
        return array.AsMemory(count);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Ensure(sizeHint);
        return array.AsSpan(count);
    }

    public void Clear() => count = 0;

    /// <summary>Forgets what was written from there on.</summary>
    public void Truncate(int length) => count = Math.Min(count, length);

    /// <summary>Writes a number over what was written there.</summary>
    public void Patch(int at, int value) => BinaryPrimitives.WriteInt32LittleEndian(array.AsSpan(at, sizeof(int)), value);

    public void Append(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(GetSpan(bytes.Length));
        Advance(bytes.Length);
    }

    /// <summary>As <see cref="Clear"/>, and keeps no large array.</summary>
    public void Shrink()
    {
        if (array.Length > KeptBytes)
            Dispose();
        else
            count = 0;
    }

    public void Dispose()
    {
        Buffers.Return(array);
        array = [];
        count = 0;
    }

    private void Ensure(int sizeHint)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(sizeHint);
        long needed = count + (long)Math.Max(sizeHint, 1);
        if (needed <= array.Length)
            return;
        if (needed > Array.MaxLength)
            throw new PayloadTooLargeException(what, needed, Math.Min(limit, Array.MaxLength));
        byte[] next = Buffers.Rent((int)Math.Max(needed, Math.Min(Array.MaxLength, Math.Max(256, array.Length * 2L))));
        array.AsSpan(0, count).CopyTo(next);
        Buffers.Return(array);
        array = next;
    }
}
