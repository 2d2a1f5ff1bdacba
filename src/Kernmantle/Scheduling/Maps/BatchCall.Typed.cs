using System.Buffers.Binary;
using Kernmantle.Functions;
using Kernmantle.Scheduling.Calls;
using Kernmantle.Wire.Bytes;

namespace Kernmantle.Scheduling.Maps;

/// <summary>The same, with its types: a part of a <see cref="MapFrame{T, TResult}"/>.</summary>
internal sealed class BatchCall<T, TResult> : BatchCall
{
    private readonly MapFrame<T, TResult> frame;
    private readonly int from;

    public BatchCall(MapFrame<T, TResult> frame, int from, int count)
    {
        (this.frame, this.from) = (frame, from);
        RenewQuick(frame.Map.Function, frame.Map.Shape, frame.Map.Options, default);
        Function = frame.Function;
        Bound = frame.Map.Bound;
        SetCount(count);
        Slice = frame.Slice;
        Payload = frame.PayloadOf(from, count);
    }

    /// <summary>It has that item of the frame, and no other part has.</summary>
    public bool Holds(int index) => index >= from && index < from + Count;

    /// <summary>One that was too large to come with others.</summary>
    public override void ReadResult(ref PayloadReader reader)
    {
        int length = reader.Remaining, read = 0;
        var answer = new byte[sizeof(int) + length];
        BinaryPrimitives.WriteInt32LittleEndian(answer, length);
        reader.ReadBytes(length).CopyTo(answer.AsSpan(sizeof(int)));
        frame.SetResults(from + Answering, 1, answer, ref read);
    }

    private protected override void ReadResults(int item, int count, ReadOnlySpan<byte> answers, ref int read) => frame.SetResults(from + item, count, answers, ref read);

    public override void KeepResult(ReadOnlySpan<byte> body) => throw new InvalidOperationException("Results of a batch are read, or kept, as they come.");

    private protected override void SetFailure(int item, Outcome outcome) => frame.SetFailure(from + item, FailureOf(outcome));

    public override void Progressed() => frame.Progressed();

    private protected override BatchCall Part(int from, int items) => frame.PartOf(this.from + from, items);

    private protected override void CopyInputs(Span<byte> to) => frame.CopyInputs(from, Count, to);

    private protected override void TakeResults(ReadOnlySpan<byte> results, int from, int count) => frame.SetBits(this.from + from, count, results);

    public override void Collect()
    {
        // Its items are taken as they come.
    }

    public override void Enter()
    {
        // It is never used again.
    }

    public override void Leave()
    {
        // It is never used again.
    }

    public override void Finish()
    {
        GiveMemoryBack();
        frame.Signal();
    }

    /// <summary>What ended the call otherwise ended each of its items that is not answered.</summary>
    public override void Complete(Outcome outcome)
    {
        EndRest(outcome);
        frame.Signal();
    }

    public override void Scatter(Submission calls)
    {
        for (int i = Done; i < Count; i++)
            _ = RunAsync(calls, from + i);
    }

    private async Task RunAsync(Submission calls, int index)
    {
        var call = new ValueCall<ValueTuple<T>, TResult>(Delegate, Shape, new(frame.InputAt(index)), null, Options, frame.Cancelled);
        try
        {
            if (calls.Send(call) is { } failure)
                frame.SetFailure(index, failure);
            else
                frame.SetResult(index, await call.Task.ConfigureAwait(false));
        }
        catch (Exception e)
        {
            frame.SetFailure(index, e);
        }
        frame.Signal();
    }

    public override Outcome Decode(ref PayloadReader reader) => throw new InvalidOperationException("A batch is not decoded as a whole.");

    public override void Encode(long maxBytes)
    {
        // Encoded when it was made.
    }

    public override ValueTask<Outcome> InvokeAsync(LocalInstances instances, CancellationToken token) => throw new InvalidOperationException("Batches run in processes.");

    private static Exception FailureOf(Outcome outcome) => outcome.Failure ?? new TaskCanceledException();
}
