using System.Runtime.CompilerServices;
using Kernmantle.Functions;
using Kernmantle.Scheduling.Calls;
using Kernmantle.Scheduling.Maps;
using Kernmantle.Wire.Bytes;

namespace Kernmantle.Scheduling.Joining;

/// <summary>A call that can join others with such results.</summary>
internal interface IJoinable<TResult>
{
    /// <summary>Its caller's.</summary>
    Task<TResult> Task { get; }
}

/// <summary>The same, with the type of their results: some of the <see cref="Members{TResult}"/>, one after the other.</summary>
internal sealed class JoinedCalls<TResult> : JoinedCalls
{
    private readonly Members<TResult> members;
    private readonly Codec<TResult>? codec;

    /// <summary>The first of them among the members.</summary>
    private readonly int from;

    /// <summary>The first of which there will be more.</summary>
    public JoinedCalls(Scheduler scheduler, QuickCall first)
        : base(scheduler)
    {
        members = new();
        Become(first);
        codec = Shape.IsVoid ? null : Function!.ResultCodec<TResult>();
        if (TryTake(first))
            SetCount(1);
    }

    /// <summary>Some of others, as calls of their own.</summary>
    private JoinedCalls(JoinedCalls<TResult> others, int from, int count)
        : base(others.Pool)
    {
        (members, codec, this.from) = (others.members, others.codec, from);
        Become(others);
        SetCount(count);
        Payload = members.PayloadOf(from, count);
    }

    private void Become(QuickCall call)
    {
        RenewQuick(call.Delegate, call.Shape, call.Options, default);
        (Function, Bound) = (call.Function, call.Bound);
        members.Parts.Add(this);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private protected override bool TryTake(QuickCall call)
    {
        if (call is not IJoinable<TResult> joinable)
            return false;
        members.Add(joinable.Task, call.Payload.Span, call.Token.CanBeCanceled ? call : null);
        Payload = members.Payload;
        return true;
    }

    private protected override BatchCall Part(int from, int items) => new JoinedCalls<TResult>(this, this.from + from, items);

    public override JoinedCalls PartWith(int number) => members.Parts.First(part => number >= part.from && number < part.from + part.Count);

    public override int IndexOf(QuickCall call) => call.JoinedAt - from;

    public override IEnumerable<QuickCall> GivenUp()
    {
        for (int i = Done; i < Count; i++)
        {
            if (members.Handles?[from + i] is { CancelRequested: true } call)
                yield return call;
        }
    }

    // --- Ends ---

    public override void ReadResult(ref PayloadReader reader)
    {
        if (codec is not null)
            members.Results[from + Answering] = codec.Read(ref reader);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private protected override void ReadResults(int item, int count, ReadOnlySpan<byte> answers, ref int read)
    {
        if (codec is null)
            read = count;
        else
            codec.ReadMany(answers, members.Results.AsSpan(from + item, count), ref read);
    }

    private protected override void SetFailure(int item, Outcome outcome)
    {
        (outcome.Failure as WorkerException)?.Origin = Pool.Log;
        members.Fail(from + item, outcome);
    }

    private protected override CallTally TallyOf(int from, int to)
    {
        if (members.Failures is not { } failures)
            return new(to - from, 0, 0);
        ReadOnlySpan<Outcome?> these = failures.AsSpan(this.from + from, to - from);
        int failed = 0, cancelled = 0;
        foreach (Outcome? outcome in these)
        {
            failed += outcome is { IsCancelled: false } ? 1 : 0;
            cancelled += outcome is { IsCancelled: true } ? 1 : 0;
        }
        return new(these.Length - failed - cancelled, failed, cancelled);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private protected override void Tell(int from, int end)
    {
        if (members.Handles is not null)
            EndHandles(from, end);
        for (int i = this.from + from; i < this.from + end; i++)
        {
            QuickCall? handle = members.Handles?[i];
            Task<TResult> task = members.Tasks[i];
            if (members.Failures?[i] is { } outcome)
                Promise<TResult>.SetFailure(task, outcome, handle?.Token ?? default);
            else
                Promise<TResult>.SetResult(task, members.Results[i]);
            (members.Tasks[i], members.Results[i]) = (null!, default!);
            members.Handles?[i] = null;
            handle?.Leave();
        }
    }

    /// <summary>Their tokens are nothing to them any more.</summary>
    private void EndHandles(int from, int end)
    {
        lock (Pool.Gate)
        {
            for (int i = this.from + from; i < this.from + end; i++)
            {
                if (members.Handles![i] is { } call)
                    Ledger.Part(call);
            }
        }
    }

    /// <summary>To a worker that takes one call at a time.</summary>
    public override void Scatter(Submission calls)
    {
        var alone = new List<QuickCall>(Count);
        for (int i = from; i < from + Count; i++)
        {
            CancellationToken token = members.Handles?[i]?.Token ?? default;
            alone.Add(QuickCall<ValueTuple, TResult>.Alone(this, members.PayloadOf(i, 1)[sizeof(int)..], members.Tasks[i], token));
        }
        calls.Scheduler.Admitted.Return(alone);
        if (members.Handles is null)
            return;
        EndHandles(0, Count);
        for (int i = from; i < from + Count; i++)
            members.Handles[i]?.Leave();
    }

    public override Outcome Decode(ref PayloadReader reader) => throw new InvalidOperationException("Calls that joined are not decoded as a whole.");

    public override void Encode(long maxBytes)
    {
        // Each was when it was made.
    }

    public override ValueTask<Outcome> InvokeAsync(LocalInstances instances, CancellationToken token) => throw new InvalidOperationException("Calls that joined run in processes.");
}
