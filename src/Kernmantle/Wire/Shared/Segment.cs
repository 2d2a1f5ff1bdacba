using System.Runtime.CompilerServices;
using Kernmantle.Platform.Linux;
using Microsoft.Win32.SafeHandles;

namespace Kernmantle.Wire.Shared;

/// <summary>
/// Memory for bodies too large for a ring, mapped by the host and one worker. The first word says whether it holds a body: set by who writes,
/// cleared by who has read. Used again as it is: touching a page for the first time costs many times the copy.
/// </summary>
internal sealed unsafe class Segment : IDisposable
{
    /// <summary>Where the body begins.</summary>
    public const int BodyOffset = 64;

    private static int lastId;

    private readonly MappedMemory memory;

    private Segment(int id, MappedMemory memory, long length)
    {
        Id = id;
        this.memory = memory;
        Length = length;
    }

    public int Id { get; }

    /// <summary>Of the whole, in bytes.</summary>
    public long Length { get; }

    public int Capacity => (int)Math.Min(Length - BodyOffset, Array.MaxLength);

    public Span<byte> Body(int length) => new(memory.Start + BodyOffset, Math.Min(length, Capacity));

    /// <summary>Where the body begins in this process; for as long as somebody holds it, or the connection lives.</summary>
    public byte* BodyStart => memory.Start + BodyOffset;

    /// <summary>By who reads it, perhaps after the connection's end, until <see cref="Release"/>.</summary>
    public void Hold()
    {
        bool held = false;
        memory.DangerousAddRef(ref held);
    }

    public void Release() => memory.DangerousRelease();

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

    private ref int InUse => ref Unsafe.AsRef<int>(memory.Start);

    /// <summary>By the host.</summary>
    /// <exception cref="System.ComponentModel.Win32Exception">There is not so much memory.</exception>
    public static Segment Create(long capacity, out SafeFileHandle file)
    {
        long length = (long)Math.Min(System.Numerics.BitOperations.RoundUpToPowerOf2((ulong)(capacity + BodyOffset)), (ulong)int.MaxValue + 1);
        file = SharedFile.Create("kernmantle-segment", length, reserve: true);
        return new(Interlocked.Increment(ref lastId), MappedMemory.Of(file, length), length);
    }

    /// <summary>By the worker. Closes the file.</summary>
    public static Segment Open(int id, SafeFileHandle file, long length)
    {
        using (file)
            return new(id, MappedMemory.Of(file, length), length);
    }

    public void Dispose() => memory.Dispose();
}

/// <summary>The body of a record whose own body is in a segment.</summary>
/// <param name="SegmentId">Which one.</param>
/// <param name="Length">How much of it.</param>
internal readonly record struct SegmentBody(int SegmentId, int Length);
