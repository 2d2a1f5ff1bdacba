using System.Buffers.Binary;
using Kernmantle.Functions;
using Kernmantle.Wire.Bytes;

namespace Kernmantle.Scheduling.Maps;

/// <summary>The results of its items: as they come in, and as the consumer takes them.</summary>
internal sealed partial class MapFrame<T, TResult>
{
    private const byte Arrived = 1, Gone = 2;

    private readonly ArraySegment<TResult> results;
    private readonly byte[] state;

    /// <summary>Bytes that the consumer is to read, since that may run the user's code: where each item's length is, which is before them. Null: there are none such.</summary>
    private readonly (byte[] Bytes, int At)[]? kept;
    private Exception?[]? failures;
    private int arrived;
    private int first;

    // --- Answers ---

    public void SetResult(int index, TResult result)
    {
        results.AsSpan()[index] = result;
        Arrive(index, 1);
    }

    /// <summary>The answers to so many items, one after the other, each behind its length. Runs no user code.</summary>
    /// <param name="from">The first item.</param>
    /// <param name="count">How many.</param>
    /// <param name="answers">The answers.</param>
    /// <param name="read">How many have arrived; fewer, where what follows them is no result.</param>
    /// <exception cref="InvalidPayloadException">The bytes are no results.</exception>
    public void SetResults(int from, int count, ReadOnlySpan<byte> answers, ref int read)
    {
        Span<TResult> to = results.AsSpan(from, count);
        try
        {
            if (kept is not null)
                Keep(kept.AsSpan(from, count), answers, ref read);
            else if (map.Codec is { } codec)
                codec.ReadMany(answers, to, ref read);
            else
                read = count;
        }
        finally
        {
            Arrive(from, read);
        }
    }

    /// <summary>Of a slice: the bits of so many.</summary>
    public void SetBits(int from, int count, ReadOnlySpan<byte> bits)
    {
        bits.CopyTo(BytesOf((ReadOnlySpan<TResult>)results.AsSpan(from, bits.IsEmpty ? 0 : count)));
        Arrive(from, count);
    }

    public void SetFailure(int index, Exception failure)
    {
        Exception?[] all = failures ?? Interlocked.CompareExchange(ref failures, new Exception?[Count], null) ?? failures!;
        all[index] = failure;
        Arrive(index, 1);
    }

    private static void Keep(Span<(byte[] Bytes, int At)> to, ReadOnlySpan<byte> answers, ref int read)
    {
        byte[] bytes = answers.ToArray();
        int at = 0;
        for (; read < to.Length; read++)
        {
            to[read] = (bytes, at);
            at += sizeof(int) + BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(at));   // which was checked as they were taken
        }
    }

    private void Arrive(int from, int count)
    {
        Volatile.WriteBarrier();   // what they are, then that they are there
        state.AsSpan(from, count).Fill(Arrived);
        Interlocked.Add(ref arrived, count);
    }

    // --- The consumer ---

    /// <summary>How many were taken out by the consumer.</summary>
    public int Taken { get; private set; }

    public bool IsDrained => Taken == Count;

    /// <summary>Nothing more comes in.</summary>
    public bool IsComplete => Volatile.Read(ref arrived) == Count;

    /// <summary>Some have failed; more may, while they are read.</summary>
    public bool AnyFailed => Volatile.Read(ref failures) is not null;

    /// <summary>Of a frame that is complete: the failure of an item; null if it has a result, which is where results go.</summary>
    public Exception? TakeAt(int index)
    {
        if (failures?[index] is null && kept is not null)
            ReadKept(index);
        if (failures?[index] is not { } failure)
            return null;
        results.AsSpan()[index] = default!;
        return failure;
    }

    /// <summary>It is complete, and none of its items has failed, or is still to be read.</summary>
    public bool IsReady => failures is null && kept is null;

    /// <summary>What is there so far.</summary>
    public Span<TResult> Results => results.AsSpan(0, Count);

    /// <summary>The next result that is there: in the order of the inputs, or, without <paramref name="ordered"/>, any.</summary>
    public bool TryTake(bool ordered, out MapResult<T, TResult> result)
    {
        result = default!;
        while (first < Count && state[first] == Gone)
            first++;
        if (first == Count)
            return false;
        int index = first;
        if (Volatile.Read(ref state[index]) != Arrived)
        {
            index = ordered ? -1 : first + state.AsSpan(first..Count).IndexOf(Arrived);
            if (index < first)
                return false;
            _ = Volatile.Read(ref state[index]);   // the state, then what it speaks of
        }
        state[index] = Gone;
        Taken++;
        Exception? failure = failures is null && kept is null ? null : TakeAt(index);
        result = new(Index + index, InputAt(index), results.Array![results.Offset + index], failure);
        return true;
    }

    private void ReadKept(int index)
    {
        (byte[] bytes, int at) = kept![index];
        if (bytes is null)
            return;   // read already
        kept[index] = default;
        try
        {
            var all = new PayloadReader(bytes.AsSpan(at));
            var own = new PayloadReader(all.ReadBytes(all.ReadInt32()));
            results.AsSpan()[index] = map.Codec!.Read(ref own);
        }
        catch (InvalidPayloadException e)
        {
            BatchCall by = PartWith(index);
            FailLate(index, UnreadResult.FailureOf(e, null, by.Name) ?? by.Taker!.EndForViolation(by, e.Message));
        }
        catch (Exception e)
        {
            FailLate(index, e);
        }
    }

    private void FailLate(int index, Exception failure) => (failures ??= new Exception?[Count])[index] = failure;
}
