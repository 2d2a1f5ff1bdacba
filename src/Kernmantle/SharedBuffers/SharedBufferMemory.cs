using System.Buffers;

namespace Kernmantle.SharedBuffers;

/// <summary>
/// A buffer as <see cref="Memory{T}"/>: it keeps the buffer object reachable, looks whether that was disposed of each time a span is asked for, and holds the
/// memory itself while it is pinned.
/// </summary>
internal sealed unsafe class SharedBufferMemory<T>(SharedBuffer<T> buffer, SharedBlock block) : MemoryManager<T>
    where T : unmanaged
{
    public override Memory<T> Memory => CreateMemory(buffer.Length);

    public override Span<T> GetSpan() => buffer.Span;

    public override MemoryHandle Pin(int elementIndex = 0)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)elementIndex, (uint)buffer.Length, nameof(elementIndex));
        _ = buffer.Span;   // throws once it has been disposed of
        ObjectDisposedException.ThrowIf(!block.TryAddReference(), buffer);
        return new((T*)block.Start + elementIndex, pinnable: this);
    }

    public override void Unpin() => block.Release();

    protected override void Dispose(bool disposing)
    {
        // The buffer owns the memory.
    }
}
