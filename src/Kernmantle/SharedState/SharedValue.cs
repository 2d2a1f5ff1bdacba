using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Kernmantle.SharedState;

namespace Kernmantle;

/// <summary>
/// A value that threads of any processes that were handed it read and write, whole: nobody ever reads half of one value and half of another, nor half of one whose writer died.
/// </summary>
/// <remarks>
/// Values of up to 8 bytes are one word. Larger ones, up to 64 bytes, are written beside the present one, under a lock, and then take its place by one store; who reads looks at that word before and
/// after, and reads again if it has changed.
/// </remarks>
/// <typeparam name="T">Numbers, enums, and structs of them, of up to 64 bytes.</typeparam>
public sealed class SharedValue<T> : SharedObject, ISharedObject<SharedValue<T>>
    where T : unmanaged
{
    private const int WordBytes = sizeof(long), MostBytes = 64;

    /// <summary>A writer has a large value for nanoseconds; one that was stopped, or is hostile, may have it for ever.</summary>
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(10);

    private static readonly bool IsWord = Unsafe.SizeOf<T>() <= WordBytes;

    /// <summary>Makes a value.</summary>
    /// <param name="initial">What it is at first.</param>
    /// <exception cref="NotSupportedException"><typeparamref name="T"/> has more than 64 bytes, or contains addresses.</exception>
    /// <exception cref="InsufficientMemoryException">The system has no memory, or no descriptors left, for it.</exception>
    public SharedValue(T initial = default)
        : this(StateMemory.Create(StateKind.Value, Checked()))
    {
        Write(initial);
    }

    private SharedValue(StateMemory memory)
        : base(memory)
    {
    }

    static StateKind ISharedObject<SharedValue<T>>.Kind => StateKind.Value;

    /// <summary>The present value.</summary>
    /// <exception cref="ObjectDisposedException">It was disposed of.</exception>
    /// <exception cref="TimeoutException">A value of more than 8 bytes, and another process has been in the midst of writing it for 10 seconds.</exception>
    public T Read()
    {
        StateWait.ThrowIfEnded(Memory);
        T value = IsWord ? FromWord(Volatile.Read(ref Memory.Words.State)) : ReadLarge();
        GC.KeepAlive(Memory);
        return value;
    }

    /// <summary>Replaces the value.</summary>
    /// <param name="value">The new one.</param>
    /// <exception cref="ObjectDisposedException">It was disposed of.</exception>
    /// <exception cref="TimeoutException">A value of more than 8 bytes, and another process has been in the midst of writing it for 10 seconds.</exception>
    public void Write(T value) => Exchange(value);

    /// <summary>Replaces the value and returns the one before.</summary>
    /// <param name="value">The new one.</param>
    /// <exception cref="ObjectDisposedException">It was disposed of.</exception>
    /// <exception cref="TimeoutException">A value of more than 8 bytes, and another process has been in the midst of writing it for 10 seconds.</exception>
    public T Exchange(T value)
    {
        StateWait.ThrowIfEnded(Memory);
        T before = IsWord ? FromWord(SharedStores.Exchange(ref Memory.Words.State, ToWord(value))) : ExchangeLarge(value, null);
        GC.KeepAlive(Memory);
        return before;
    }

    /// <summary>Replaces the value if it is, in all its bits, a certain one; returns the one before.</summary>
    /// <param name="value">The new one.</param>
    /// <param name="comparand">What it is to be replaced if it is that.</param>
    /// <exception cref="ObjectDisposedException">It was disposed of.</exception>
    /// <exception cref="TimeoutException">A value of more than 8 bytes, and another process has been in the midst of writing it for 10 seconds.</exception>
    public T CompareExchange(T value, T comparand)
    {
        StateWait.ThrowIfEnded(Memory);
        T before = IsWord
            ? FromWord(SharedStores.CompareExchange(ref Memory.Words.State, ToWord(value), ToWord(comparand)))
            : ExchangeLarge(value, comparand);
        GC.KeepAlive(Memory);
        return before;
    }

    /// <summary>Replaces the value by what a function makes of it; the function runs again where others wrote meanwhile, under no lock. Returns the new one.</summary>
    /// <param name="change">Makes the new value of the present one.</param>
    /// <exception cref="ObjectDisposedException">It was disposed of.</exception>
    /// <exception cref="TimeoutException">A value of more than 8 bytes, and another process has been in the midst of writing it for 10 seconds.</exception>
    public T Update(Func<T, T> change)
    {
        ArgumentNullException.ThrowIfNull(change);
        T seen = Read();
        while (true)
        {
            T next = change(seen);
            T before = CompareExchange(next, seen);
            if (AreSame(before, seen))
                return next;
            seen = before;
        }
    }

    static SharedValue<T> ISharedObject<SharedValue<T>>.Open(StateMemory memory) => new(memory);

    static bool ISharedObject<SharedValue<T>>.Allows(long parameter, long bytes) => parameter == Unsafe.SizeOf<T>();

    private static int Checked()
    {
        if (!Payloads.Bits.MayRun(typeof(T)))
            throw new NotSupportedException($"{typeof(T)} contains addresses or handles, which mean nothing in another process.");
        return Unsafe.SizeOf<T>() <= MostBytes
            ? Unsafe.SizeOf<T>()
            : throw new NotSupportedException($"{typeof(T)} has {Unsafe.SizeOf<T>()} bytes, and a SharedValue has 64 at most: use a SharedArray, and a SharedLock.");
    }

    private static long ToWord(T value)
    {
        long word = 0;
        Unsafe.WriteUnaligned(ref Unsafe.As<long, byte>(ref word), value);
        return word;
    }

    private static T FromWord(long word) => Unsafe.ReadUnaligned<T>(ref Unsafe.As<long, byte>(ref word));

    internal static bool AreSame(T left, T right) => BytesOf(ref left).SequenceEqual(BytesOf(ref right));

    private static Span<byte> BytesOf(ref T value) => MemoryMarshal.AsBytes(new Span<T>(ref value));

    /// <summary>One of the two places of a large value: which is the present one, bit 0 of the word says.</summary>
    private unsafe Span<byte> Place(long word) => new(Memory.Content + ((word & 1) * MostBytes), Unsafe.SizeOf<T>());

    private T ReadLarge()
    {
        T value = default;
        long started = 0;
        while (true)
        {
            long word = Volatile.Read(ref Memory.Words.State);
            Place(word).CopyTo(BytesOf(ref value));
            Volatile.ReadBarrier();
            if (Volatile.Read(ref Memory.Words.State) == word)
                return value;
            if (started == 0)
                started = Stopwatch.GetTimestamp();
            else if (Stopwatch.GetElapsedTime(started) > Bound)
                throw new TimeoutException("The value was written so often for 10 s that it could not be read whole.");
        }
    }

    private T ExchangeLarge(T value, T? comparand)
    {
        var look = new OwnerLook(Memory.Me);
        if (!StateWait.For(Memory, ref look, Bound, CancellationToken.None))
            throw new TimeoutException("Another thread has been writing this value for 10 s: its process was stopped, or it does what it should not.");
        T before = ReadLarge();
        if (comparand is not { } wanted || AreSame(before, wanted))
        {
            long word = Volatile.Read(ref Memory.Words.State);
            SharedStores.Copy(BytesOf(ref value), Place(word + 1));
            SharedStores.Exchange(ref Memory.Words.State, word + 1);
        }
        SharedStores.Exchange(ref Memory.Words.Owner, 0);
        Memory.Ring(1);
        return before;
    }
}
