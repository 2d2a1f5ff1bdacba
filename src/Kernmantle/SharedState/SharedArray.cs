using System.Buffers;
using System.Runtime.CompilerServices;
using Kernmantle.SharedState;

namespace Kernmantle;

/// <summary>
/// An array in memory that threads of any processes share which were handed it, for as long as they like: a <see cref="SharedBuffer{T}"/> belongs to one call at a time, this to all who have it. What one
/// writes the others see; in which order, they agree on by a <see cref="SharedLock"/>, or by the operations here that say so.
/// </summary>
/// <remarks>A span is an address: keep the object reachable while spans of it are in use, or hand on <see cref="Memory"/>, which keeps it.</remarks>
/// <typeparam name="T">Numbers, enums, and structs of them.</typeparam>
public sealed class SharedArray<T> : SharedObject, ISharedObject<SharedArray<T>>
    where T : unmanaged
{
    private ArrayMemory? memory;

    /// <summary>Makes an array of zeroes.</summary>
    /// <param name="length">How many items.</param>
    /// <exception cref="ArgumentOutOfRangeException">A negative length, or more than 2 GiB.</exception>
    /// <exception cref="NotSupportedException"><typeparamref name="T"/> contains addresses.</exception>
    /// <exception cref="InsufficientMemoryException">The system has no memory, or no descriptors left, for it.</exception>
    public SharedArray(int length)
        : this(StateMemory.Create(StateKind.Array, Checked(length), (long)length * Unsafe.SizeOf<T>()))
    {
    }

    private SharedArray(StateMemory memory)
        : base(memory)
    {
    }

    static StateKind ISharedObject<SharedArray<T>>.Kind => StateKind.Array;

    /// <summary>How many items.</summary>
    public int Length => (int)base.Memory.Parameter;

    /// <summary>The items. Valid for as long as the object is reachable.</summary>
    /// <exception cref="ObjectDisposedException">It was disposed of.</exception>
    public unsafe Span<T> Span
    {
        get
        {
            StateWait.ThrowIfEnded(base.Memory);
            return new(base.Memory.Items, Length);
        }
    }

    /// <summary>The items, for code that keeps them beyond a stack frame.</summary>
    /// <exception cref="ObjectDisposedException">It was disposed of; each use of it throws that.</exception>
    public new Memory<T> Memory
    {
        get
        {
            StateWait.ThrowIfEnded(base.Memory);
            return (memory ??= new(this)).Memory;
        }
    }

    /// <summary>An item, read and written as of an array: whole where it has up to 8 bytes and lies on a multiple of its size, as numbers do.</summary>
    /// <param name="index">Which.</param>
    /// <exception cref="IndexOutOfRangeException">There is none.</exception>
    /// <exception cref="ObjectDisposedException">It was disposed of.</exception>
    public T this[int index]
    {
        get
        {
            T value = Span[index];
            GC.KeepAlive(base.Memory);
            return value;
        }
        set
        {
            Span[index] = value;
            GC.KeepAlive(base.Memory);
        }
    }

    /// <summary>Replaces an item by one operation, and returns the one before.</summary>
    /// <param name="index">Which.</param>
    /// <param name="value">The new one.</param>
    /// <exception cref="IndexOutOfRangeException">There is none.</exception>
    /// <exception cref="NotSupportedException"><typeparamref name="T"/> is no number and no enum.</exception>
    /// <exception cref="ObjectDisposedException">It was disposed of.</exception>
    public T Exchange(int index, T value)
    {
        T before = Interlocked.Exchange(ref Span[index], value);
        GC.KeepAlive(base.Memory);
        return before;
    }

    /// <summary>Replaces an item by one operation if it is a certain one; returns the one before.</summary>
    /// <param name="index">Which.</param>
    /// <param name="value">The new one.</param>
    /// <param name="comparand">What it is to be replaced if it is that.</param>
    /// <exception cref="IndexOutOfRangeException">There is none.</exception>
    /// <exception cref="NotSupportedException"><typeparamref name="T"/> is no number and no enum.</exception>
    /// <exception cref="ObjectDisposedException">It was disposed of.</exception>
    public T CompareExchange(int index, T value, T comparand)
    {
        T before = Interlocked.CompareExchange(ref Span[index], value, comparand);
        GC.KeepAlive(base.Memory);
        return before;
    }

    static SharedArray<T> ISharedObject<SharedArray<T>>.Open(StateMemory memory) => new(memory);

    static bool ISharedObject<SharedArray<T>>.Allows(long parameter, long bytes) =>
        parameter is >= 0 and <= int.MaxValue && StateWords.Size + (parameter * Unsafe.SizeOf<T>()) <= bytes;

    private static int Checked(int length)
    {
        if (!Payloads.Bits.MayRun(typeof(T)))
            throw new NotSupportedException($"{typeof(T)} contains addresses or handles, which mean nothing in another process.");
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((long)length * Unsafe.SizeOf<T>(), int.MaxValue, nameof(length));
        return length;
    }

    /// <summary>Keeps the array reachable.</summary>
    private sealed unsafe class ArrayMemory(SharedArray<T> array) : MemoryManager<T>
    {
        public override Memory<T> Memory => CreateMemory(array.Length);

        public override Span<T> GetSpan() => array.Span;

        public override MemoryHandle Pin(int elementIndex = 0)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)elementIndex, (uint)array.Length, nameof(elementIndex));
            StateWait.ThrowIfEnded(((SharedObject)array).Memory);
            return new((T*)((SharedObject)array).Memory.Items + elementIndex, pinnable: this);
        }

        public override void Unpin()
        {
            // The handle has kept this, and the array, reachable: memory is not moved.
        }

        protected override void Dispose(bool disposing)
        {
            // The array's memory goes with it.
        }
    }
}
