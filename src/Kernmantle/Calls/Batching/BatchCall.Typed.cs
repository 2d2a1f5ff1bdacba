using Kernmantle.Payloads;

namespace Kernmantle.Calls;

/// <summary>The same, with its types: a part of a <see cref="MapFrame{T, TResult}"/>.</summary>
internal sealed class BatchCall<T, TResult> : BatchCall
{
    private readonly MapFrame<T, TResult> frame;
    private readonly int from;

    public BatchCall(MapFrame<T, TResult> frame, int from, int count)
    {
        (this.frame, this.from) = (frame, from);
        RenewQuick(frame.Delegate, frame.Shape, frame.Options);
        Function = frame.Function;
        SetCount(count);
        Payload = frame.PayloadOf(from, count);
    }

    public override void ReadResult(ref PayloadReader reader) => frame.SetResult(from + Answering, frame.Codec is { } codec ? codec.Read(ref reader) : default!);

    private protected override void SetFailure(Outcome outcome) => frame.SetFailure(from + Answering, FailureOf(outcome));

    public override void Progressed() => frame.Signal();

    public override BatchCall? SplitOff(long last)
    {
        int mine = (int)Math.Max(0, last - First + 1);
        int rest = Count - mine;
        if (rest <= 0)
            return null;
        SetCount(mine);
        return new BatchCall<T, TResult>(frame, from + mine, rest);
    }

    public override void KeepResult(ReadOnlySpan<byte> body) => throw new InvalidOperationException("Items are read as they come.");

    public override void Finish() => frame.Signal();

    /// <summary>What ended the call otherwise ended each of its items that is not answered.</summary>
    public override void Complete(Outcome outcome)
    {
        for (int i = Done; i < Count; i++)
            frame.SetFailure(from + i, FailureOf(outcome));
        frame.Signal();
    }

    public override void Scatter(WorkerPool pool)
    {
        for (int i = Done; i < Count; i++)
            _ = RunAsync(pool, from + i);
    }

    private async Task RunAsync(WorkerPool pool, int index)
    {
        var call = new ValueCall<ValueTuple<T>, TResult>(Delegate, Shape, new(frame.InputAt(index)), null, Options, frame.Cancelled);
        try
        {
            if (pool.Send(call) is { } failure)
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
