using System.Runtime.InteropServices;
using Kernmantle.Functions;
using Kernmantle.Scheduling;
using Kernmantle.Scheduling.Calls;
using Kernmantle.Scheduling.Maps;
using Kernmantle.Wire.Bytes;

namespace Kernmantle.Tests.Transport.SharedMemory;

/// <summary>A slice of integers whose worker may say anything of it: each item ends once, and no result is read that cannot be one.</summary>
internal sealed class HostileSlice : BatchCall
{
    private static readonly FunctionShape Shape1 = new(ReturnKind.Value, IsVoid: false, HasToken: false);
    private static readonly Func<int, long> Called = static n => n;

    private readonly int[] ends;
    private readonly Action<Exception> broken;

    public HostileSlice(int items, Action<Exception> broken)
    {
        (ends, this.broken) = (new int[items], broken);
        RenewQuick(Called, Shape1, WorkerPool.NoOptions, default);
        Function = Function.Of<ValueTuple<int>, long>(Called, Shape1);
        Slice = new(sizeof(int), sizeof(long), BindOnce: true);
        SetCount(items);
    }

    private protected override void ReadResults(int item, int count, ReadOnlySpan<byte> answers, ref int read) => broken(new InvalidOperationException("a slice has no answers of its own"));

    public override void ReadResult(ref PayloadReader reader) => broken(new InvalidOperationException("a slice has no answers of its own"));

    private protected override void SetFailure(int item, Outcome outcome) => End(item, 1);

    private protected override void CopyInputs(Span<byte> to) => MemoryMarshal.Cast<byte, int>(to).Fill(7);

    private protected override void TakeResults(ReadOnlySpan<byte> results, int from, int count)
    {
        if (results.Length != count * sizeof(long))
            broken(new InvalidOperationException($"{results.Length} bytes for {count} results"));
        End(from, count);
    }

    private protected override BatchCall Part(int from, int items) => new HostileSlice(items, broken);

    public override void Complete(Outcome outcome) => EndRest(outcome);

    public override void Finish() => GiveMemoryBack();

    public override void Scatter(Submission calls) => broken(new InvalidOperationException("scattered"));

    public override void Progressed()
    {
        // Nobody waits.
    }

    public override void KeepResult(ReadOnlySpan<byte> body) => broken(new InvalidOperationException("a slice keeps no bytes"));

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

    public override void Encode(long maxBytes)
    {
        // It carries nothing.
    }

    public override Outcome Decode(ref PayloadReader reader) => throw new InvalidOperationException("A batch is not decoded as a whole.");

    public override ValueTask<Outcome> InvokeAsync(LocalInstances instances, CancellationToken token) => throw new InvalidOperationException("Batches run in processes.");

    private void End(int from, int count)
    {
        for (int i = from; i < from + count; i++)
        {
            if (Interlocked.Increment(ref ends[i]) != 1)
                broken(new InvalidOperationException($"item {i} ended twice"));
        }
    }
}
