using Kernmantle.Functions;
using Kernmantle.Python.Memory;
using Kernmantle.Python.Values;
using Kernmantle.Scheduling.Calls;
using Kernmantle.Scheduling.Streams;
using Kernmantle.Wire.Bytes;

namespace Kernmantle.Python.Calls;

/// <summary>A call that yields items. One that does not fit its type ends the stream.</summary>
/// <remarks><paramref name="cancel"/> is not disposed of: the call may still be registering with it, and its parent lives as long as the enumeration.</remarks>
internal sealed class PythonStreamCall<T>(PythonRequest request, CallMemory memory, bool tellBegin, CallOptions options, int window, CancellationTokenSource cancel)
    : StreamCall<T>(null!, PythonCalls.Shape, options, window, cancel.Token), IPythonCall
{
    private PythonValueMismatchException? misfit;

    public CallMemory Memory => memory;

    public override void Encode(long maxBytes) => Payload = PythonPayload.Write(request, memory, tellBegin, maxBytes);

    public override void DecodeItem(ref PayloadReader reader)
    {
        using CallMemory.Use use = memory.Enter();
        if (use.IsOver || misfit is not null)
            return;
        try
        {
            base.DecodeItem(ref reader);
        }
        catch (PythonValueMismatchException mismatch)
        {
            misfit = mismatch;
            cancel.Cancel();   // its items are of no use, and it may be endless
        }
    }

    private protected override T ReadItem(ref PayloadReader reader) => PythonPayload.Read<T>(ref reader, memory);

    public override ValueTask<Outcome> InvokeAsync(LocalInstances instances, CancellationToken token) =>
        throw new NotSupportedException("Python runs in processes of its own.");

    public override void Complete(Outcome outcome)
    {
        memory.Close(again: outcome.Failure is null or PythonException && !outcome.IsCancelled);
        base.Complete(misfit is null ? outcome : PythonPayload.Mismatch(misfit));
    }
}
