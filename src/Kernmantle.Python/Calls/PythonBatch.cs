using System.Runtime.InteropServices;
using Kernmantle.Functions;
using Kernmantle.Python.Memory;
using Kernmantle.Python.Values;
using Kernmantle.Scheduling.Calls;
using Kernmantle.Wire.Bytes;

namespace Kernmantle.Python.Calls;

/// <summary>
/// Many calls of one function, of which each begins, ends and fails by itself: the worker puts every result where the host finds it even if
/// the next one ends the worker. Agent/PROTOCOL.md describes the memory.
/// </summary>
internal sealed class PythonBatch<T, TResult>(string function, List<T> inputs, long firstIndex, CallMemory memory, CallOptions options, CancellationToken token)
    : Call(null!, PythonCalls.Shape, options, token), IPythonCall
{
    /// <summary>Room for results that are no numbers, in bytes, and so much more for each item.</summary>
    private const int Heap = 64 << 10, HeapPerItem = 16;

    /// <summary>Before the kinds of the answers stands how many items have begun, one after the other.</summary>
    private const int KindsAt = sizeof(long);

    /// <summary>... or this: they run beside each other, and all may have.</summary>
    private const long SideBySide = -1;

    private readonly TaskCompletionSource completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Dictionary<int, MapResult<T, TResult>> sent = [];

    /// <summary>A batch may be ended, which takes what is there, while its answer is read.</summary>
    private readonly Lock gate = new();
    private PythonMemory? answers;
    private bool concluded;

    public CallMemory Memory => memory;

    public override int Count => inputs.Count;

    /// <summary>One that cannot be encoded is sent in halves.</summary>
    public override bool WaitsEncoded => true;

    public long FirstIndex => firstIndex;

    /// <summary>What each item came to, once the call has ended; fewer than <see cref="Count"/> if the rest never began.</summary>
    public List<MapResult<T, TResult>> Results { get; private set; } = [];

    /// <summary>The items that never began, since the worker died; empty if none.</summary>
    public List<T> Rest => inputs[Results.Count..];

    /// <summary>Microseconds for each item, as the worker measured.</summary>
    public double ItemMicroseconds { get; private set; }

    public override Task Ended => completion.Task;

    public override void Encode(long maxBytes)
    {
        using CallMemory.Use use = memory.Enter();
        answers = memory.Reserve(ValuesAt + (Count * sizeof(long)) + Heap + (Count * HeapPerItem));
        answers?.Bytes[..(KindsAt + Count)].Clear();
        Payload = PythonPayload.Write(new BatchRequest<T>(function, inputs, answers?.Id ?? 0), memory, tellBegin: false, maxBytes);
    }

    public override Outcome Decode(ref PayloadReader reader)
    {
        lock (gate)
        {
            if (concluded)
                return Outcome.Cancelled;   // it has ended, and its memory may be gone
            ItemMicroseconds = Math.Max(0, BitConverter.Int64BitsToDouble(reader.ReadInt64())) * 1e6 / Count;
            Take(Count);
            return Outcome.Done;
        }
    }

    public override void DecodeItem(ref PayloadReader reader)
    {
        int at = reader.ReadInt32();
        byte kind = reader.ReadByte();
        using Lock.Scope _ = gate.EnterScope();
        if (concluded)
            return;
        if ((uint)at >= (uint)Count || !sent.TryAdd(at, Read(at, kind, reader.ReadBytes(reader.Remaining))))
            throw new InvalidPayloadException($"Item {at} of {Count}, or an item twice.");
    }

    public override ValueTask<Outcome> InvokeAsync(LocalInstances instances, CancellationToken token) =>
        throw new NotSupportedException("Python runs in processes of its own.");

    public override bool IsConcludedLater => true;

    public override void Conclude(Outcome outcome)
    {
        using Lock.Scope _ = gate.EnterScope();
        if (!concluded && (outcome.Failure is not null || outcome.IsCancelled))
            TakeWhatEnded(outcome);
        concluded = true;
    }

    /// <summary>Items that have not begun are none of this call's any more: they are sent again.</summary>
    public override CallTally Tally(Outcome outcome)
    {
        int cancelled = Results.Count(static r => r.Failure is OperationCanceledException), failed = Results.Count(static r => r.Failure is not null);
        return new(Results.Count - failed, failed - cancelled, cancelled);
    }

    public override void Complete(Outcome outcome)
    {
        Conclude(outcome);
        memory.Close(again: outcome.Failure is null or PythonException && !outcome.IsCancelled);
        completion.TrySetResult();
    }

    /// <summary>The worker died: what had ended has its result, what had begun its failure, and the rest may run elsewhere.</summary>
    private void TakeWhatEnded(Outcome outcome)
    {
        Exception failure = outcome.Failure ?? new TaskCanceledException();
        // One that was killed may have gone on for a moment: none of its items can be said not to have begun.
        bool died = failure is WorkerCrashedException { Reason: not CrashReason.Killed } or MemoryLimitException or CpuLimitException;
        long told = answers is null ? SideBySide : MemoryMarshal.Read<long>(answers.Bytes);
        bool inTurn = died && told >= 0 && State != CallState.Queued;
        int begun = inTurn ? (int)Math.Clamp(told, 1, Count) : Count;
        if (begun > 1 && inTurn)
        {
            try
            {
                Take(begun - 1);
            }
            catch (InvalidPayloadException e)
            {
                (failure, begun) = (e, Count);   // it wrote nonsense before it died
            }
        }
        for (int at = Results.Count; at < begun; at++)
            Results.Add(new(firstIndex + at, inputs[at], default!, failure));
    }

    private int ValuesAt => KindsAt + ((Count + 7) & ~7);

    private void Take(int count)
    {
        Results = new(Count);
        ReadOnlySpan<byte> bytes = answers is null ? default : answers.Bytes;
        ReadOnlySpan<long> values = answers is null ? default : MemoryMarshal.Cast<byte, long>(bytes.Slice(ValuesAt, Count * sizeof(long)));
        for (int at = 0; at < count; at++)
        {
            byte kind = answers is null ? BatchAnswer.Sent : bytes[KindsAt + at];
            long value = answers is null ? 0 : values[at];
            Results.Add(kind switch
            {
                BatchAnswer.Integer or BatchAnswer.Float => Number(at, kind, value),
                BatchAnswer.Value or BatchAnswer.Failure => Read(at, kind, memory.Get(answers!.Id, value >> 32, value & 0xffffffff).ToArray()),
                BatchAnswer.TooLarge => new(firstIndex + at, inputs[at], default!, new PayloadTooLargeException($"The result of {function}", value, memory.LimitBytes)),
                BatchAnswer.Sent => sent.TryGetValue(at, out MapResult<T, TResult> result) ? result : throw new InvalidPayloadException($"No answer for item {at}."),
                _ => throw new InvalidPayloadException($"An answer of kind {kind}."),
            });
        }
    }

    private MapResult<T, TResult> Number(int at, byte kind, long value)
    {
        try
        {
            return new(firstIndex + at, inputs[at], kind == BatchAnswer.Integer ? Numbers<TResult>.FromInteger(value) : Numbers<TResult>.FromFloat(BitConverter.Int64BitsToDouble(value)), null);
        }
        catch (PythonValueMismatchException mismatch)
        {
            return new(firstIndex + at, inputs[at], default!, PythonPayload.Mismatch(mismatch).Failure);
        }
    }

    private MapResult<T, TResult> Read(int at, byte kind, ReadOnlySpan<byte> bytes)
    {
        try
        {
            if (kind == BatchAnswer.Value)
                return new(firstIndex + at, inputs[at], PythonPayload.Read<TResult>(bytes, memory), null);
            if (kind != BatchAnswer.Failure)
                throw new InvalidPayloadException($"An answer of kind {kind} in a frame.");
            var reader = new PayloadReader(bytes);
            return new(firstIndex + at, inputs[at], default!, new PythonException(RemoteFailure.Read(ref reader)) { CallName = Name });
        }
        catch (PythonValueMismatchException mismatch)
        {
            return new(firstIndex + at, inputs[at], default!, PythonPayload.Mismatch(mismatch).Failure);
        }
    }
}

/// <summary>What stands at an item's place.</summary>
internal static class BatchAnswer
{
    /// <summary>A result that is an integer of 64 bits: itself.</summary>
    public const byte Integer = 0;

    /// <summary>Where a result is, and its length: bits 32 to 63, and 0 to 31.</summary>
    public const byte Value = 1;

    /// <summary>A result that is a float.</summary>
    public const byte Float = 2;

    /// <summary>As <see cref="Value"/>, for a failure.</summary>
    public const byte Failure = 3;

    /// <summary>The answer came in a frame.</summary>
    public const byte Sent = 4;

    /// <summary>The result is larger than allowed: its size.</summary>
    public const byte TooLarge = 5;
}

/// <summary>Inputs of a batch: as a list, whatever their type.</summary>
internal sealed record BatchRequest<T>(string Function, List<T> Inputs, int AnswersId) : PythonRequest(PythonOperation.Batch, Function)
{
    public override void Write(ref PythonWriter writer)
    {
        writer.EnterTuple(3);
        writer.WriteString(Function);
        writer.EnterList(Inputs.Count);
        foreach (T input in Inputs)
            PythonCodec<T>.Write(ref writer, input);
        writer.Leave();
        writer.WriteInteger((long)AnswersId);
        writer.Leave();
    }
}
