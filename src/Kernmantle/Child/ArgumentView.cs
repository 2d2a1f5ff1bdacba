using System.Buffers;
using Kernmantle.Wire.Shared;

namespace Kernmantle.Child;

/// <summary>A large argument where its call's request lies, until the call has ended. Thread-safe.</summary>
internal abstract class ArgumentView
{
    /// <summary>Smaller ones are copied: that costs little, and they may be kept, in bytes.</summary>
    public const int Least = 64 << 10;

    /// <summary>The call has ended: what was kept of it throws from now on.</summary>
    public abstract void End();

    /// <summary>The items as memory; null if they do not lie where such items may.</summary>
    public static unsafe ArgumentView<T>? TryCreate<T>(ReadOnlySpan<byte> bytes, Segment segment)
        where T : unmanaged
    {
        int alignment = Math.Min(sizeof(T) & -sizeof(T), sizeof(long));   // the largest power of two that divides it
        fixed (byte* start = bytes)
            return (nint)start % alignment == 0 ? new((T*)start, bytes.Length / sizeof(T), segment) : null;   // the memory does not move
    }
}

/// <summary>The same, with its type.</summary>
internal sealed unsafe class ArgumentView<T>(T* start, int length, Segment segment) : ArgumentView
    where T : unmanaged
{
    private readonly T* start = start;
    private volatile bool hasEnded;

    public ReadOnlyMemory<T> Memory => new Manager(this).Memory;

    public override void End() => hasEnded = true;

    private void ThrowIfOver()
    {
        if (hasEnded)
            throw new ObjectDisposedException($"{nameof(ReadOnlyMemory<>)}<{typeof(T).Name}>", "A large argument of this type is memory of the call, which has ended. Copy it (ToArray) to keep it, or take an array instead, which is the function's own.");
    }

    private sealed class Manager(ArgumentView<T> view) : MemoryManager<T>
    {
        public override Memory<T> Memory => CreateMemory(view.Length);

        public override Span<T> GetSpan()
        {
            view.ThrowIfOver();
            return new(view.start, view.Length);
        }

        public override MemoryHandle Pin(int elementIndex = 0)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)elementIndex, (uint)view.Length, nameof(elementIndex));
            view.ThrowIfOver();
            bool held = false;
            view.Segment.Memory.DangerousAddRef(ref held);   // it stays mapped
            return new(view.start + elementIndex, pinnable: this);
        }

        public override void Unpin() => view.Segment.Memory.DangerousRelease();

        protected override void Dispose(bool disposing)
        {
            // The call's end ends it.
        }
    }

    private int Length => length;

    private Segment Segment => segment;
}
