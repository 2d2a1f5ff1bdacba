using Kernmantle.Calls;
using Kernmantle.Payloads;
using Kernmantle.Python.Memory;
using Kernmantle.Python.Values;

namespace Kernmantle.Python.Calls;

/// <summary>A call that yields items. One that does not fit its type ends the stream.</summary>
internal sealed class PythonStreamCall<T>(PythonRequest request, CallMemory memory, bool tellBegin, CallOptions options, int window, CancellationToken token)
    : StreamCall<T>(null!, PythonCalls.Shape, options, window, token), IPythonCall
{
    private PythonValueMismatchException? misfit;

    public CallMemory Memory => memory;

    /// <summary>Asks for the end of a stream whose items are of no use.</summary>
    public Action? OnMisfit { get; set; }

    public override void Encode(long maxBytes) => Payload = PythonPayload.Write(request, memory, tellBegin, maxBytes);

    public override void DecodeItem(ref PayloadReader reader)
    {
        if (misfit is not null)
            return;
        try
        {
            base.DecodeItem(ref reader);
        }
        catch (PythonValueMismatchException mismatch)
        {
            misfit = mismatch;
            OnMisfit?.Invoke();
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
