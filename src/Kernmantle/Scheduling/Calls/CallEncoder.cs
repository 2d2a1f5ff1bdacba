using System.Buffers;
using Kernmantle.Functions;
using Kernmantle.Wire.Bytes;

namespace Kernmantle.Scheduling.Calls;

/// <summary>Takes the snapshot of a call that crosses: what the caller changes afterwards changes nothing.</summary>
internal static class CallEncoder
{
    /// <summary>Buffers that grew beyond this are not kept for the next call.</summary>
    private const int KeptBytes = 64 << 10;

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? spare;

    public static (Function Function, ReadOnlyMemory<byte> Payload, CallScope? Scope) Encode<TArgs, TResult>(Delegate @delegate, FunctionShape shape, in TArgs arguments, long maxBytes, bool lends)
    {
        Function function = Function.Of<TArgs, TResult>(@delegate, shape);
        ArrayBufferWriter<byte> buffer = spare ?? new(256);
        spare = null;   // not rented while user-defined getters run: they may make calls themselves
        var scope = new CallScope(lends);
        var writer = new PayloadWriter(buffer, scope);
        function.WriteCall(ref writer, @delegate, arguments);
        if (buffer.WrittenCount > maxBytes)
            throw new PayloadTooLargeException($"The arguments of {function.DisplayName}", buffer.WrittenCount, maxBytes);
        byte[] payload = buffer.WrittenSpan.ToArray();
        if (buffer.Capacity <= KeptBytes)
        {
            buffer.ResetWrittenCount();
            spare = buffer;
        }
        return (function, payload, scope.IsEmpty ? null : scope);
    }
}
