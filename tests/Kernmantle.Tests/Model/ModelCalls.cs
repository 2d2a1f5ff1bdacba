using Kernmantle.Functions;
using Kernmantle.Scheduling;
using Kernmantle.Scheduling.Calls;
using Kernmantle.Scheduling.Joining;
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

    public int Begins { get; private set; }

    /// <summary>Its worker has answered with a value, or, of a map's frame, with the last one.</summary>
    public bool Answered { get; private set; }

    /// <summary>It had not run for longer than a timeout then.</summary>
    public bool InTime { get; private set; }

    /// <summary>Who has its latest attempt, and since when, by the history's clock.</summary>
    private (ModelWorker? Worker, DateTimeOffset At) begun;

    public void Begin(ModelWorker worker, DateTimeOffset now)
    {
        Begins++;
        begun = (worker, now);
        InTime = false;
    }

    /// <summary>What a worker says that was given up, and lives for a moment, counts no more.</summary>
    public void Answer(ModelWorker worker, Outcome outcome, DateTimeOffset now)
    {
        if (outcome != Outcome.Done || begun.Worker != worker)
            return;
        Answered = true;
        InTime = now - begun.At < ModelFunctions.Timeout;
    }

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
    /// <param name="fate">What becomes of it.</param>
    /// <param name="options">Of the call.</param>
    /// <param name="function">Of the model's.</param>
    /// <param name="isGivenUp">Its caller may give it up.</param>
    public ModelQuickCall(Fate fate, CallOptions options, Function function, bool isGivenUp = true)
    {
        RenewQuick(ModelFunctions.Delegate, ModelFunctions.Shape, options, isGivenUp ? fate.Cancel.Token : default);
        Function = function;
        Bound = options.Timeout ?? Timeout.InfiniteTimeSpan;
        KeyHash = options.Key?.GetHashCode() ?? 0;
        Fate = fate;
    }

    public Fate Fate { get; }

    public override bool IsPlain => true;

    public override bool MayJoin => PinnedTo is null && Options.Key is null && Options.Retry is null && Supervision is null && !CancelRequested && Attempt == 1;

    public override JoinedCalls StartJoining(Scheduler scheduler) => new ModelJoined(scheduler, this);

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

/// <summary>Several that travel as one.</summary>
internal interface IModelItems
{
    Fate ItemOf(long number);

    /// <summary>It has its result.</summary>
    void Answer(long number);
}

/// <summary>Quick calls that joined.</summary>
internal sealed class ModelJoined : JoinedCalls, IModelItems
{
    private readonly List<ModelQuickCall> all;
    private readonly Dictionary<int, Outcome> failures;
    private readonly List<ModelJoined> parts;
    private readonly int from;

    public ModelJoined(Scheduler scheduler, ModelQuickCall first)
        : base(scheduler)
    {
        (all, failures, parts) = ([], [], [this]);
        Become(first);
        TryTake(first);
        SetCount(1);
    }

    private ModelJoined(ModelJoined others, int from, int count)
        : base(others.Pool)
    {
        (all, failures, parts, this.from) = (others.all, others.failures, others.parts, from);
        Become(others);
        SetCount(count);
        parts.Add(this);
    }

    private void Become(QuickCall call)
    {
        RenewQuick(call.Delegate, call.Shape, call.Options, default);
        (Function, Bound) = (call.Function, call.Bound);
    }

    public Fate ItemOf(long number) => all[from + (int)(number - First)].Fate;

    public void Answer(long number)
    {
        // It is told with those before it.
    }

    private protected override bool TryTake(QuickCall call)
    {
        all.Add((ModelQuickCall)call);
        return true;
    }

    private protected override BatchCall Part(int from, int items) => new ModelJoined(this, this.from + from, items);

    public override JoinedCalls PartWith(int number) => parts.First(p => number >= p.from && number < p.from + p.Count);

    public override int IndexOf(QuickCall call) => call.JoinedAt - from;

    public override IEnumerable<QuickCall> GivenUp() => all.GetRange(from + Done, Count - Done).Where(static c => c.CancelRequested);

    private protected override CallTally TallyOf(int from, int to)
    {
        CallTally[] each = [.. Enumerable.Range(this.from + from, to - from).Select(i => CallTally.Of(1, failures.GetValueOrDefault(i, Outcome.Done)))];
        return new(each.Sum(static t => t.Completed), each.Sum(static t => t.Failed), each.Sum(static t => t.Cancelled));
    }

    private protected override void Tell(int from, int end)
    {
        for (int i = this.from + from; i < this.from + end; i++)
        {
            all[i].State = CallState.Ended;
            all[i].Registration.Unregister();
            all[i].Fate.End(failures.GetValueOrDefault(i, Outcome.Done));
        }
    }

    private protected override void SetFailure(int item, Outcome outcome) => failures[from + item] = outcome;

    public override void ReadResult(ref PayloadReader reader)
    {
        // There is none.
    }

    private protected override void ReadResults(int item, int count, ReadOnlySpan<byte> answers, ref int read) => read = count;

    public override void Scatter(Submission calls) => throw new InvalidOperationException("Workers of the model take quick calls, or none are made.");

    public override void Encode(long maxBytes)
    {
        // They carry nothing.
    }

    public override Outcome Decode(ref PayloadReader reader) => Outcome.Done;

    public override ValueTask<Outcome> InvokeAsync(LocalInstances instances, CancellationToken token) => throw new InvalidOperationException("They are not run.");
}

/// <summary>A map's frame: each of its items has a fate of its own.</summary>
internal sealed class ModelBatch : BatchCall, IModelItems
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
    /// <summary>Of calls that have one.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromMilliseconds(100);

    public static readonly FunctionShape Shape = new(ReturnKind.Value, IsVoid: false, HasToken: false);

    public static readonly Func<int> Delegate = static () => 1;

    /// <summary>Known to be short: workers get several of its calls in advance.</summary>
    public static readonly Function Short = Function.Of<ValueTuple, int>(Delegate, Shape);

    /// <summary>Nothing is known of it.</summary>
    public static readonly Function Long = Function.Of<ValueTuple, int>(static () => 2, Shape);

    static ModelFunctions() => Short.Duration.Sample(1);
}
