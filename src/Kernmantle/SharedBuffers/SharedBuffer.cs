using System.Buffers;
using System.Runtime.CompilerServices;
using Kernmantle.SharedBuffers;

namespace Kernmantle;

/// <summary>Makes shared buffers.</summary>
public static class SharedBuffer
{
    /// <summary>Allocates a buffer. What is in it is not specified: memory is used again as it is.</summary>
    /// <typeparam name="T">The type of the items.</typeparam>
    /// <param name="length">How many items.</param>
    /// <param name="pool">
    /// The pool whose workers it is for: then memory that these workers have seen before is used again, which costs nothing. Without one it is memory that
    /// no worker has ever seen.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">A negative length, or more than 2 GiB.</exception>
    /// <exception cref="InsufficientMemoryException">The system has not so much memory.</exception>
    /// <exception cref="NotSupportedException"><typeparamref name="T"/> contains addresses.</exception>
    public static SharedBuffer<T> Allocate<T>(int length, WorkerPool? pool = null)
        where T : unmanaged
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        if (!Payloads.Bits.MayRun(typeof(T)))
            throw new NotSupportedException($"{typeof(T)} contains addresses or handles, which mean nothing in another process.");
        long bytes = (long)length * Unsafe.SizeOf<T>();
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes, int.MaxValue, nameof(length));
        return new(SharedBlocks.Allocate(bytes, pool?.Buffers), length);
    }
}

/// <summary>
/// An array in memory that processes can share: an argument or a result of this type crosses without a copy, whatever its size. Pass it as
/// an argument of its own, or capture it; inside of another object it crosses as an item of a <see cref="WorkerChannel{T}"/> only.
/// </summary>
/// <remarks>
/// <para>
/// The worker sees the same memory, not a copy: both may write, and it is theirs to agree who does. What a call was given is valid there until the
/// call ends; what it returns arrives as a new object over the same memory, and so does what it reads from a channel, which is valid until it is disposed of. The memory is used again once every object over it has been
/// disposed of, every call that got it has ended, be it by a crash, and no item of a channel carries it.
/// </para>
/// <para>
/// In pools of threads the object itself is passed. Over <see cref="WorkerTransport.Socket"/>, and in an inline pool that verifies, its items
/// are copied. Members are thread-safe, the items are not.
/// </para>
/// <para>
/// A span is an address: it must not be used once the object has been disposed of, since the memory may belong to another buffer by then. Hold the object
/// in a <c>using</c>, which also keeps it reachable while spans of it are in use; an object that is neither disposed of nor reachable is given back by the
/// garbage collector, spans or not. Where code keeps what it was given, hand it <see cref="Memory"/> instead: that keeps the object reachable, looks
/// whether it was disposed of each time a span is asked for, and while it is pinned the memory is not used again.
/// </para>
/// </remarks>
/// <typeparam name="T">The type of the items: numbers, enums, and structs of them.</typeparam>
public sealed class SharedBuffer<T> : ISharedBuffer, IMemoryOwner<T>
    where T : unmanaged
{
    private readonly SharedBlock block;
    private SharedBufferMemory<T>? memory;
    private int released;

    internal SharedBuffer(SharedBlock block, int length)
    {
        this.block = block;
        Length = length;
    }

    /// <summary>Gives the memory back if nobody disposed of the object.</summary>
    ~SharedBuffer()
    {
        if (Interlocked.Exchange(ref released, 1) == 0)
            block.Release();
    }

    /// <summary>How many items it has.</summary>
    public int Length { get; }

    /// <summary>
    /// The items. Not to be used once the object has been disposed of, nor, in a worker, once its call has ended: the memory may belong
    /// to another buffer by then.
    /// </summary>
    /// <exception cref="ObjectDisposedException">It was disposed of, or the call that got it has ended.</exception>
    public unsafe Span<T> Span
    {
        get
        {
            ObjectDisposedException.ThrowIf(Volatile.Read(ref released) != 0, this);
            return new(block.Start, Length);
        }
    }

    /// <summary>The items, for code that keeps them beyond a stack frame. Each use of it throws once the object has been disposed of.</summary>
    /// <exception cref="ObjectDisposedException">It was disposed of, or the call that got it has ended.</exception>
    public Memory<T> Memory
    {
        get
        {
            ObjectDisposedException.ThrowIf(Volatile.Read(ref released) != 0, this);
            return (memory ??= new(this, block)).Memory;
        }
    }

    /// <summary>Gives the memory back, as far as this object is concerned. Any further time it does nothing.</summary>
    public void Dispose()
    {
        _ = TryRelease();
        GC.SuppressFinalize(this);
    }

    SharedBlock ISharedBuffer.Block
    {
        get
        {
            ObjectDisposedException.ThrowIf(Volatile.Read(ref released) != 0, this);
            return block;
        }
    }

    void ISharedBuffer.Transfer() => block.Host?.Transfer(block);

    void ISharedBuffer.Expire()
    {
        _ = TryRelease();   // unless the user has disposed of it
    }

    private bool TryRelease()
    {
        if (Interlocked.Exchange(ref released, 1) != 0)
            return false;
        block.Release();
        return true;
    }
}
