using Kernmantle.Python.Values;
using Kernmantle.SharedBuffers;
using Kernmantle.Wire;

namespace Kernmantle.Python.Sharing;

/// <summary>A shared buffer: the worker maps its memory, and asks for nothing. What it has mapped it may look at for as long as it likes, so nobody else ever gets that memory.</summary>
internal sealed class BufferObject<T> : HostObject
    where T : unmanaged
{
    private readonly SharedBlock block;
    private readonly int length;

    public BufferObject(SharedBuffer<T> buffer)
        : base(buffer, "array")
    {
        block = ((ISharedBuffer)buffer).Block;
        length = buffer.Length;
        block.AddReference();   // a worker may get it when the caller has disposed of it already
        SharedBlocks.UseOnce(block);
        GC.AddMemoryPressure(block.Length);
    }

    ~BufferObject()
    {
        if (block is null)
            return;
        GC.RemoveMemoryPressure(block.Length);
        block.Release();
    }

    public override SharedBlock Block => block;

    /// <summary>As of <see cref="ArrayObject{T}"/>.</summary>
    public override void WriteDetails(ref PythonWriter writer)
    {
        writer.EnterTuple(3);
        writer.WriteString([ArrayFormat<T>.Code]);
        writer.WriteInteger(length);
        writer.WriteInteger(0);
        writer.Leave();
    }

    public override void Begin(Ask ask, ref PythonReader arguments) => throw new ProtocolViolationException($"operation {ask.Operation} with a buffer");
}
