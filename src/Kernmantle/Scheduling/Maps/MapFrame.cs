using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Kernmantle.Functions;
using Kernmantle.Payloads;
using Kernmantle.Wire.Bytes;

namespace Kernmantle.Scheduling.Maps;

/// <summary>Inputs of a map that are handed over together, and where their results come in. Filled by one thread; answered by one at a time; read by one.</summary>
internal sealed class MapFrame<T, TResult>
{
    private const byte Arrived = 1, Gone = 2;

    private readonly BatchMap<T, TResult> map;
    private readonly T[]? own;
    private readonly ReadOnlyMemory<T> inputs;
    private readonly ArraySegment<TResult> results;
    private readonly byte[] state;
    private readonly (ArraySegment<byte> Bytes, BatchCall By)[]? kept;
    private readonly MapEncoding<T>? encoding;
    private readonly List<BatchCall> parts = [];
    private Exception?[]? failures;
    private int arrived;
    private int first;

    /// <summary>To be filled.</summary>
    /// <param name="map">The map.</param>
    /// <param name="index">The index of the first input in it.</param>
    /// <param name="results">Where they go; how many inputs there may be.</param>
    public MapFrame(BatchMap<T, TResult> map, long index, ArraySegment<TResult> results)
        : this(map, index, default, results)
    {
        inputs = own = new T[results.Count];
        encoding = map.Slice is null ? new(map.Function, results.Count, map.EncodeLimit) : null;
    }

    /// <summary>As many as there are results, which lie there already, and stay as they are.</summary>
    public MapFrame(BatchMap<T, TResult> map, long index, ReadOnlyMemory<T> inputs, ArraySegment<TResult> results)
    {
        (this.map, Index, this.inputs, this.results) = (map, index, inputs, results);
        state = new byte[results.Count];
        Codec = map.Codec;
        kept = Codec is null or IPlainCodec ? null : new (ArraySegment<byte>, BatchCall)[results.Count];
        Count = inputs.Length;
    }

    public MapCall Map => map.Call;

    public Function Function => map.Function;

    /// <summary>How its items cross, if by their bits.</summary>
    public SliceShape? Slice => map.Slice;

    public Codec<TResult>? Codec { get; }

    /// <summary>The index of the first input in the map.</summary>
    public long Index { get; }

    /// <summary>The map is given up.</summary>
    public CancellationToken Cancelled => map.Cancelled;

    public T InputAt(int index) => own is null ? inputs.Span[index] : own[index];

    public int Count { get; private set; }

    /// <summary>How many were taken out by the consumer.</summary>
    public int Taken { get; private set; }

    public bool IsFull => Count == results.Count || encoding?.IsFull == true;

    /// <summary>Appends an input. May run the user's code. What keeps it from crossing is thrown, and leaves the frame as it was.</summary>
    /// <exception cref="PayloadTooLargeException">It is larger than a payload may be, or than what is left of one.</exception>
    /// <exception cref="NotPortableException">It cannot cross.</exception>
    public void Add(T input)
    {
        encoding?.Add(Map.Function, input);
        own![Count++] = input;
    }

    /// <summary>An input that cannot cross: the only one here.</summary>
    public void Fail(T input, Exception failure)
    {
        own![Count++] = input;
        SetFailure(0, failure);
    }

    /// <summary>The frame is full enough: the call that hands it over.</summary>
    public BatchCall<T, TResult> Seal()
    {
        encoding?.Seal();
        return PartOf(0, Count);
    }

    /// <summary>Some of the inputs as a call of their own: all, or what is split off from another.</summary>
    public BatchCall<T, TResult> PartOf(int from, int count)
    {
        var part = new BatchCall<T, TResult>(this, from, count);
        lock (parts)
            parts.Add(part);
        return part;
    }

    /// <summary>Nobody waits for the results any more. What is split off later from a call that was cancelled is cancelled too; what was before, comes in its turn here.</summary>
    public void Cancel(Submission calls)
    {
        for (int i = 0; ; i++)
        {
            BatchCall part;
            lock (parts)
            {
                if (i == parts.Count)
                    return;
                part = parts[i];
            }
            calls.Scheduler.Cancellation.RequestQuick(part, default);
        }
    }

    /// <summary>Part of it as a payload: the captures, then, but for a slice, the inputs.</summary>
    public ReadOnlyMemory<byte> PayloadOf(int from, int count) => encoding is null ? map.Captures : encoding.PayloadOf(from, count);

    // --- Where a slice lies, its items are their bits ---

    public void CopyInputs(int from, int count, Span<byte> to) => BytesOf(inputs.Span.Slice(from, count)).CopyTo(to);

    public void SetResults(int from, int count, ReadOnlySpan<byte> bits)
    {
        bits.CopyTo(BytesOf((ReadOnlySpan<TResult>)results.AsSpan(from, bits.IsEmpty ? 0 : count)));
        Arrive(from, count);
    }

    private static Span<byte> BytesOf<TItem>(ReadOnlySpan<TItem> items) =>
        MemoryMarshal.CreateSpan(ref Unsafe.As<TItem, byte>(ref MemoryMarshal.GetReference(items)), items.Length * Unsafe.SizeOf<TItem>());

    // --- Answers ---

    public void SetResult(int index, TResult result)
    {
        results.Array![results.Offset + index] = result;
        Arrive(index, 1);
    }

    /// <summary>Reading it may run the user's code: the consumer does.</summary>
    public void KeepResult(int index, ArraySegment<byte> bytes, BatchCall by)
    {
        kept![index] = (bytes, by);
        Arrive(index, 1);
    }

    public void SetFailure(int index, Exception failure)
    {
        Exception?[] all = failures ?? Interlocked.CompareExchange(ref failures, new Exception?[results.Count], null) ?? failures!;
        all[index] = failure;
        Arrive(index, 1);
    }

    private void Arrive(int from, int count)
    {
        Volatile.WriteBarrier();   // what they are, then that they are there
        state.AsSpan(from, count).Fill(Arrived);
        Interlocked.Add(ref arrived, count);
    }

    public void Signal() => map.Signal();

    // --- The consumer ---

    public bool IsDrained => Taken == Count;

    /// <summary>Nothing more comes in.</summary>
    public bool IsComplete => Volatile.Read(ref arrived) == Count;

    /// <summary>Some have failed; more may, while they are read.</summary>
    public bool AnyFailed => Volatile.Read(ref failures) is not null;

    /// <summary>Of a frame that is complete: the failure of an item; null if it has a result, which is where results go.</summary>
    public Exception? TakeAt(int index)
    {
        if (failures?[index] is null && kept is not null)
            Read(index);
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
        result = new(Index + index, own![index], results.Array![results.Offset + index], failure);
        return true;
    }

    private void Read(int index)
    {
        (ArraySegment<byte> bytes, BatchCall by) = kept![index];
        kept[index] = default;
        try
        {
            var reader = new PayloadReader(bytes);
            results.AsSpan()[index] = Codec!.Read(ref reader);
        }
        catch (InvalidPayloadException e)
        {
            FailLate(index, UnreadResult.FailureOf(e, null, by.Name) ?? by.Taker!.EndForViolation(by, e.Message));
        }
        catch (Exception e)
        {
            FailLate(index, e);
        }
    }

    private void FailLate(int index, Exception failure) => (failures ??= new Exception?[results.Count])[index] = failure;
}
