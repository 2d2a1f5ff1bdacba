using System.Runtime.CompilerServices;
using Kernmantle.Platform.Linux;
using Microsoft.Win32.SafeHandles;

namespace Kernmantle.Wire.Shared;

/// <summary>
/// Memory for bodies too large for a ring, mapped by the host and one worker. Used again as it is: touching a page for the first time costs many times the copy.
/// Into those for requests only the host can write: they are sealed before the worker gets them. Of those for answers the first word says whether it holds a body: set by
/// the worker, cleared by the host when it has read it.
/// </summary>
internal sealed unsafe class Segment : IDisposable
{
    /// <summary>Where a payload begins: behind the length in front of a run of items, these lie on a multiple of 64.</summary>
    public const int PayloadOffset = WordBytes + HeadRoom;

    /// <summary>What stands before a payload ends where that begins.</summary>
    public const int HeadRoom = 60;

    /// <summary>While a worker has written so many answers that the host has not read, it waits: another one would only be one more.</summary>
    public const int MostUnread = 4;

    private const int WordBytes = 64;

    private const int ItemsOffset = 2 * WordBytes;

    /// <summary>As a part of its own length, a segment is at most so much larger than was asked for.</summary>
    private const int Fineness = 8;

    private static int lastId;

    private Segment(int id, MappedMemory memory, long length) => (Id, Memory, Length) = (id, memory, length);

    public int Id { get; }

    /// <summary>Of the whole, in bytes.</summary>
    public long Length { get; }

    /// <summary>Who looks at it while it may be disposed of holds a reference.</summary>
    public MappedMemory Memory { get; }

    public int Capacity => (int)Math.Min(Length - PayloadOffset, Array.MaxLength);

    /// <summary>The place of a payload.</summary>
    public Span<byte> Body(int length) => new(Memory.Start + PayloadOffset, Math.Min(length, Capacity));

    /// <summary>Part of it, from an offset on.</summary>
    public Span<byte> At(int start, int length) => new(Memory.Start + start, length);

    /// <summary>Where the items of a slice begin, on a cache line; for as long as somebody holds the memory, or the connection lives.</summary>
    public byte* ItemsStart => Memory.Start + ItemsOffset;

    /// <summary>In bytes.</summary>
    public long ItemsCapacity => Length - ItemsOffset;

    /// <summary>What is to be asked for to have room for so many bytes of items.</summary>
    public static long CapacityFor(int items) => (long)items + ItemsOffset - PayloadOffset;

    /// <summary>Where a head of that length begins, so that its payload is in its place; a longer one begins behind the word, and its payload follows it.</summary>
    public static int StartOf(int head) => PayloadOffset - Math.Min(head, HeadRoom);

    // --- Of answers ---

    /// <summary>The host reads it: known to the host alone, since the word in the memory is the worker's to change.</summary>
    public bool IsHeld { get; set; }

    /// <summary>By the worker: takes a free one.</summary>
    public bool TryClaim() => Interlocked.CompareExchange(ref InUse, 1, 0) == 0;

    /// <summary>By the host: no worker can take it any more. False: one has.</summary>
    public bool TryRetire() => Interlocked.CompareExchange(ref InUse, 2, 0) == 0;

    public bool IsInUse
    {
        get => Volatile.Read(ref InUse) != 0;
        set => Volatile.Write(ref InUse, value ? 1 : 0);
    }

    private ref int InUse => ref Unsafe.AsRef<int>(Memory.Start);

    // --- Made by the host, opened by the worker ---

    /// <exception cref="System.ComponentModel.Win32Exception">There is not so much memory.</exception>
    public static Segment CreateForBoth(long capacity, out SafeFileHandle file)
    {
        long length = LengthFor(capacity);
        file = SharedFile.Create("kernmantle-segment", length, reserve: true);
        return new(Interlocked.Increment(ref lastId), MappedMemory.Of(file, length, isTouched: true), length);
    }

    /// <exception cref="System.ComponentModel.Win32Exception">There is not so much memory.</exception>
    public static Segment CreateForRequests(long capacity, out SafeFileHandle file)
    {
        long length = LengthFor(capacity);
        file = SharedFile.CreateReadOnly("kernmantle-segment", length, out MappedMemory memory);
        return new(Interlocked.Increment(ref lastId), memory, length);
    }

    /// <summary>By the worker. Closes the file.</summary>
    public static Segment Open(int id, SafeFileHandle file, long length, bool isReadOnly = false)
    {
        using (file)
            return new(id, MappedMemory.Of(file, length, isReadOnly, isTouched: true), length);
    }

    public void Dispose() => Memory.Dispose();

    /// <summary>Whole pages, and a few sizes only, so that many bodies find one to fit.</summary>
    private static long LengthFor(long capacity)
    {
        long needed = capacity + PayloadOffset;
        long step = Math.Max(Environment.SystemPageSize, (long)System.Numerics.BitOperations.RoundUpToPowerOf2((ulong)needed) / (2 * Fineness));
        return Math.Min((needed + step - 1) / step * step, int.MaxValue + 1L);
    }
}

/// <summary>The body of an answer's record whose own body is in a segment, where a payload lies.</summary>
/// <param name="SegmentId">Which one.</param>
/// <param name="Length">How much of it.</param>
internal readonly record struct SegmentBody(int SegmentId, int Length);

/// <summary>The same of a request.</summary>
/// <param name="SegmentId">Which one.</param>
/// <param name="Start">Where it begins there.</param>
/// <param name="Length">How much of it.</param>
internal readonly record struct SegmentRequest(int SegmentId, int Start, int Length);
