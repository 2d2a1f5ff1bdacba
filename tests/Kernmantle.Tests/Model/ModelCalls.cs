using Kernmantle.Functions;
using Kernmantle.Scheduling;
using Kernmantle.Scheduling.Calls;
using Kernmantle.Scheduling.Maps;
using Kernmantle.Wire.Bytes;

namespace Kernmantle.Tests.Model;

/// <summary>What a history knows of one of its calls.</summary>
internal sealed class Fate
{
    public required int Number { get; init; }

    public required int Key { get; init; }

    public required int Attempts { get; init; }

    public CancellationTokenSource Cancel { get; } = new();

    public int Begins { get; set; }

    /// <summary>Its worker has answered with a value, or, of a map's frame, with the last one.</summary>
    public bool Answered { get; set; }

    public int Ends { get; private set; }

    public Outcome? Outcome { get; private set; }

    public void End(Outcome outcome)
    {
        Ends++;
        Outcome = outcome;
    }
}

/// <summary>A call whose worker reports each step of it.</summary>
internal sealed class ModelCall(Fate fate, CallOptions options) : Call(ModelFunctions.Delegate, ModelFunctions.Shape, options, fate.Cancel.Token)
{
    private readonly TaskCompletionSource ended = new();

    public Fate Fate => fate;

    public override Task Ended => ended.Task;

    public override void Encode(long maxBytes)
    {
        // It carries nothing.
    }

    public override Outcome Decode(ref PayloadReader reader) => Outcome.Done;

    public override ValueTask<Outcome> InvokeAsync(LocalInstances instances, CancellationToken token) => throw new InvalidOperationException("It is not run.");

    public override void Complete(Outcome outcome)
    {
        fate.End(outcome);
        ended.TrySetResult();
    }
}

/// <summary>A quick call.</summary>
internal sealed class ModelQuickCall : QuickCall
{
    public ModelQuickCall(Fate fate, CallOptions options, Function function)
    {
        RenewQuick(ModelFunctions.Delegate, ModelFunctions.Shape, options, fate.Cancel.Token);
        Function = function;
        Bound = options.Timeout ?? Timeout.InfiniteTimeSpan;
        KeyHash = options.Key?.GetHashCode() ?? 0;
        Fate = fate;
    }

    public Fate Fate { get; }

    public override bool IsPlain => true;

    public override void Finish() => Fate.End(Outcome.Done);

    public override void Complete(Outcome outcome) => Fate.End(outcome);

    public override void ReadResult(ref PayloadReader reader)
    {
        // There is none.
    }

    public override void KeepResult(ReadOnlySpan<byte> body)
    {
        // There is none.
    }

    public override void Collect()
    {
        // There is none.
    }

    public override void Enter()
    {
        // It is never another call.
    }

    public override void Leave()
    {
        // It is never another call.
    }

    public override void Encode(long maxBytes)
    {
        // It carries nothing.
    }

    public override Outcome Decode(ref PayloadReader reader) => Outcome.Done;

    public override ValueTask<Outcome> InvokeAsync(LocalInstances instances, CancellationToken token) => throw new InvalidOperationException("It is not run.");
}

/// <summary>A map's frame: each of its items has a fate of its own.</summary>
internal sealed class ModelBatch : BatchCall
{
    private readonly Fate[] items;
    private readonly Action<ModelBatch> onSplit;

    public ModelBatch(Fate[] items, CallOptions options, Function function, Action<ModelBatch> onSplit)
    {
        (this.items, this.onSplit) = (items, onSplit);
        RenewQuick(ModelFunctions.Delegate, ModelFunctions.Shape, options, default);
        Function = function;
        Bound = options.Timeout ?? Timeout.InfiniteTimeSpan;
        SetCount(items.Length);
    }

    public Fate ItemOf(long number) => items[number - First];

    public override void ReadResult(ref PayloadReader reader) => items[Answering].End(Outcome.Done);

    private protected override void ReadResults(int item, int count, ReadOnlySpan<byte> answers, ref int read)
    {
        for (; read < count; read++)
            items[item + read].End(Outcome.Done);
    }

    private protected override void SetFailure(int item, Outcome outcome) => items[item].End(outcome);

    public void Answer(long number)
    {
        Answering = (int)(number - First);
        var reader = new PayloadReader([]);
        ReadResult(ref reader);
    }

    public override void Complete(Outcome outcome)
    {
        for (int i = Done; i < Count; i++)
            items[i].End(outcome);
    }

    private protected override BatchCall Part(int from, int items)
    {
        var split = new ModelBatch(this.items[from..(from + items)], Options, Function!, onSplit);
        onSplit(split);
        return split;
    }

    private protected override void CopyInputs(Span<byte> to) => throw new InvalidOperationException("It is no slice.");

    private protected override void TakeResults(ReadOnlySpan<byte> results, int from, int count) => throw new InvalidOperationException("It is no slice.");

    public override void Scatter(Submission calls) => throw new InvalidOperationException("Workers of the model take frames.");

    public override void Progressed()
    {
        // Nobody waits.
    }

    public override void KeepResult(ReadOnlySpan<byte> body)
    {
        // There is none.
    }

    public override void Finish()
    {
        // Each item has been told.
    }

    public override void Collect()
    {
        // There is none.
    }

    public override void Enter()
    {
        // It is never another call.
    }

    public override void Leave()
    {
        // It is never another call.
    }

    public override void Encode(long maxBytes)
    {
        // It carries nothing.
    }

    public override Outcome Decode(ref PayloadReader reader) => Outcome.Done;

    public override ValueTask<Outcome> InvokeAsync(LocalInstances instances, CancellationToken token) => throw new InvalidOperationException("It is not run.");
}

/// <summary>What the calls of the model call, which is never run.</summary>
internal static class ModelFunctions
{
    public static readonly FunctionShape Shape = new(ReturnKind.Value, IsVoid: false, HasToken: false);

    public static readonly Func<int> Delegate = static () => 1;

    /// <summary>Known to be short: workers get several of its calls in advance.</summary>
    public static readonly Function Short = Function.Of<ValueTuple, int>(Delegate, Shape);

    /// <summary>Nothing is known of it.</summary>
    public static readonly Function Long = Function.Of<ValueTuple, int>(static () => 2, Shape);

    static ModelFunctions() => Short.Duration.Sample(1);
}
