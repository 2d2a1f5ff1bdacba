using Kernmantle.Functions;
using Kernmantle.Python.Memory;
using Kernmantle.Python.Values;
using Kernmantle.Scheduling.Calls;
using Kernmantle.Wire.Bytes;

namespace Kernmantle.Python.Calls;

/// <summary>A call that ends with one value.</summary>
internal sealed class PythonCall<T>(PythonRequest request, CallMemory memory, bool tellBegin, CallOptions options, CancellationToken token)
    : Call(null!, request.Operation == PythonOperation.Create ? PythonCalls.Making : PythonCalls.Shape, options, token), IPythonCall
{
    // Continuations must not run on a worker's thread, nor under the pool's lock.
    private readonly TaskCompletionSource<T> completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public CallMemory Memory => memory;

    public Task<T> Task => completion.Task;

    public override Task Ended => completion.Task;

    public override void Encode(long maxBytes) => Payload = PythonPayload.Write(request, memory, tellBegin, maxBytes);

    public override Outcome Decode(ref PayloadReader reader)
    {
        using CallMemory.Use use = memory.Enter();
        if (use.IsOver)
            return Outcome.Cancelled;
        try
        {
            return Outcome.Success(PythonPayload.Read<T>(ref reader, memory));
        }
        catch (PythonValueMismatchException mismatch)
        {
            return PythonPayload.Mismatch(mismatch);
        }
    }

    public override ValueTask<Outcome> InvokeAsync(LocalInstances instances, CancellationToken token) =>
        throw new NotSupportedException("Python runs in processes of its own.");

    public override void Complete(Outcome outcome)
    {
        memory.Close(again: outcome.Failure is null or PythonException or PythonConversionException && !outcome.IsCancelled);
        if (!TryFail(completion, outcome))
            completion.TrySetResult(((Outcome.Valued<T>)outcome).Value);
    }
}
