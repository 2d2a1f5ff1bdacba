using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Kernmantle.Wire.Bytes;

/// <summary>Collects a body before it is sent: in an array, or, if it is large and there are <see cref="Rooms"/>, in memory that the other side reads. Not thread-safe.</summary>
/// <param name="limit">The most bytes it takes.</param>
/// <param name="what">What is collected, for the failure's message.</param>
internal sealed class PooledBuffer(long limit = long.MaxValue, string what = "The message") : IBufferWriter<byte>, IDisposable
{
    /// <summary>A larger array is given back after use.</summary>
    private const int KeptBytes = 64 << 10;

    /// <summary>Half of the first array: most bodies are a few numbers, and a call in a queue keeps its own.</summary>
    private const int FewBytes = 16;

    /// <summary>What serializers ask for beyond what they write, in bytes.</summary>
    public const int Surplus = 64 << 10;

    private byte[] array = [];
    private PayloadRoom? room;
    private int capacity;
    private int count;

    /// <summary>Up to there <see cref="array"/> takes what is written without a look at anything else.</summary>
    private int plain;

    /// <summary>Where memory for large bodies is to be had; null for nowhere.</summary>
    public IPayloadRooms? Rooms { get; set; }

    /// <summary>What was written lies there; null if in an array.</summary>
    public PayloadRoom? Room => room;

    /// <summary>Valid until the buffer is used again.</summary>
    public ReadOnlyMemory<byte> WrittenMemory => room is null ? array.AsMemory(0, count) : room.Memory[..count];

    public ReadOnlySpan<byte> Written => Space[..count];

    /// <summary>How many bytes were written.</summary>
    public int Count => count;

    private Span<byte> Space => room is null ? array : room.GetSpan();

    /// <summary>The next so many bytes, which are to be written: as <see cref="GetSpan"/> and <see cref="Advance"/>.</summary>
    /// <exception cref="PayloadTooLargeException">More than the limit; encoding stops here instead of exhausting the memory.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Span<byte> Take(int length)
    {
        int from = count;
        if (from + (long)(uint)length > plain)
            return TakeSlowly(length);
        count = from + length;
        return MemoryMarshal.CreateSpan(ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(array), from), length);   // plain is no more than it has
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private Span<byte> TakeSlowly(int length)
    {
        Span<byte> taken = GetSpan(length)[..length];
        Advance(length);
        return taken;
    }

    /// <exception cref="PayloadTooLargeException">More than the limit.</exception>
    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, capacity - this.count);
        if (this.count + (long)count > limit)
            throw new PayloadTooLargeException(what, this.count + (long)count, limit);
        this.count += count;
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Ensure(sizeHint);
        return (room is null ? array : room.Memory)[count..];
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Ensure(sizeHint);
        return Space[count..];
    }

    public void Clear()
    {
        count = 0;
        if (room is not null)
            LeaveRoom();
    }

    /// <summary>What was written, and its memory, are somebody else's from now on.</summary>
    public void TakeRoom()
    {
        count = 0;
        WriteTo(null);
    }

    /// <summary>Forgets what was written from there on.</summary>
    public void Truncate(int length) => count = Math.Min(count, length);

    /// <summary>Writes a number over what was written there.</summary>
    public void Patch(int at, int value) => BinaryPrimitives.WriteInt32LittleEndian(Space.Slice(at, sizeof(int)), value);

    public void Append(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Take(bytes.Length));

    /// <summary>As <see cref="Clear"/>, and keeps no large array.</summary>
    public void Shrink()
    {
        if (array.Length > KeptBytes)
            Dispose();
        else
            Clear();
    }

    public void Dispose()
    {
        Clear();
        Buffers.Return(array);
        array = [];
        WriteTo(null);
    }

    private void LeaveRoom()
    {
        room!.Release();
        WriteTo(null);
    }

    /// <summary>To that, or else to the array.</summary>
    private void WriteTo(PayloadRoom? other)
    {
        room = other;
        (capacity, plain) = other is null ? (array.Length, (int)Math.Min(array.Length, limit)) : (other.Capacity, 0);
    }

    private void Ensure(int sizeHint)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(sizeHint);
        long needed = count + (long)Math.Max(sizeHint, 1);
        if (needed > capacity)
            Grow(needed);
    }

    private void Grow(long needed)
    {
        if (needed > Array.MaxLength)
            throw new PayloadTooLargeException(what, needed, Math.Min(limit, Array.MaxLength));
        if (Rooms is { } rooms && needed > rooms.LargestElsewhere && needed - Surplus <= limit && rooms.TryRent(Next(needed, room is null ? 0 : capacity)) is { } roomier)
        {
            Written.CopyTo(roomier.GetSpan());
            room?.Release();
            WriteTo(roomier);
            return;
        }
        byte[] next = Buffers.Rent(Next(needed, Math.Max(FewBytes, capacity)));
        Written.CopyTo(next);
        room?.Release();
        Buffers.Return(array);
        array = next;
        WriteTo(null);
    }

    /// <summary>Twice what there was: growing step by step would copy the content each time.</summary>
    private static int Next(long needed, int before) => (int)Math.Max(needed, Math.Min(Array.MaxLength, before * 2L));
}
