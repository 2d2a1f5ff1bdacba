using Kernmantle.Functions;
using Kernmantle.Wire.Bytes;

namespace Kernmantle.Scheduling.Calls;

/// <summary>Takes the snapshot of a call that crosses: what the caller changes afterwards changes nothing.</summary>
internal static class CallEncoder
{
    [ThreadStatic]
    private static PooledBuffer? spare;

    public static (Function Function, ReadOnlyMemory<byte> Payload, CallScope? Scope) Encode<TArgs, TResult>(Delegate @delegate, FunctionShape shape, in TArgs arguments, long maxBytes, Lending lending)
    {
        Function function = Function.Of<TArgs, TResult>(@delegate, shape);
        PooledBuffer buffer = spare ?? new();
        spare = null;   // not rented while user-defined getters run: they may make calls themselves
        var scope = new CallScope(lending);
        var writer = new PayloadWriter(buffer, scope);
        function.WriteCall(ref writer, @delegate, arguments);
        if (buffer.Written.Length > maxBytes)
            throw new PayloadTooLargeException($"The arguments of {function.DisplayName}", buffer.Written.Length, maxBytes);
        byte[] payload = buffer.Written.ToArray();
        buffer.Shrink();
        spare = buffer;
        return (function, payload, scope.IsEmpty ? null : scope);
    }
}
