using Kernmantle.Python.Values;
using Kernmantle.SharedBuffers;
using Kernmantle.Wire;

namespace Kernmantle.Python.Sharing;

/// <summary>A shared array: the worker maps its memory, and asks for nothing.</summary>
internal sealed class ArrayObject<T>(SharedArray<T> array) : HostObject(array, "array")
    where T : unmanaged
{
    public override SharedBlock? Block => ((SharedObject)array).Memory.Block;

    /// <summary>The format of its items, how many there are, and where they begin.</summary>
    public override void WriteDetails(ref PythonWriter writer)
    {
        writer.EnterTuple(3);
        writer.WriteString([ArrayFormat<T>.Code]);
        writer.WriteInteger(array.Length);
        writer.WriteInteger(SharedState.StateWords.Size);
        writer.Leave();
    }

    public override void Begin(Ask ask, ref PythonReader arguments) => throw new ProtocolViolationException($"operation {ask.Operation} with an array");
}
