using Kernmantle.Functions;
using Kernmantle.Payloads;
using Kernmantle.Wire.Bytes;

namespace Kernmantle.Scheduling.Maps;

/// <summary>Inputs of a map that are handed over together, and where their results come in. Filled by one thread; answered by one at a time; read by one.</summary>
internal sealed class MapFrame<T, TResult>
{
    private readonly T[] inputs;
    private readonly int[] offsets;
    private readonly TResult[] results;
    private readonly Exception?[] failures;
    private const byte Arrived = 1, Gone = 2;

    private readonly byte[] state;
    private readonly (ArraySegment<byte> Bytes, BatchCall By)[]? kept;
    private int first;
    private readonly PooledBuffer buffer;
    private readonly Action signal;
    private readonly List<BatchCall> parts = [];
    private byte[] payload = [];

    public MapFrame(MapCall map, Function identity, long index, int capacity, long maxBytes, Action signal, CancellationToken cancelled)
    {
        (Map, Function, Index) = (map, identity, index);
        (inputs, offsets, results, failures, state) = (new T[capacity], new int[capacity + 1], new TResult[capacity], new Exception?[capacity], new byte[capacity]);
        buffer = new(maxBytes, $"The arguments of {identity.DisplayName}");
        this.signal = signal;
        Cancelled = cancelled;
        Codec = map.Shape.IsVoid ? null : identity.ResultCodec<TResult>();
        kept = Codec is null or IPlainCodec ? null : new (ArraySegment<byte>, BatchCall)[capacity];
    }

    /// <summary>What is called, and how.</summary>
    public MapCall Map { get; }

    public Function Function { get; }

    public Codec<TResult>? Codec { get; }

    /// <summary>The index of the first input in the map.</summary>
    public long Index { get; }

    /// <summary>The map is given up.</summary>
    public CancellationToken Cancelled { get; }

    public T InputAt(int index) => inputs[index];

    public int Count { get; private set; }

    /// <summary>How many were taken out by the consumer.</summary>
    public int Taken { get; private set; }

    public bool IsFull => Count == inputs.Length || buffer.Written.Length >= LargestPayload;

    /// <summary>What fits a ring at its default size with room to spare, in bytes.</summary>
    private const int LargestPayload = 16 << 10;

    /// <summary>Appends an input. Runs the user's code. What keeps it from crossing is thrown, and leaves the frame as it was.</summary>
    /// <exception cref="PayloadTooLargeException">It is larger than a payload may be, or than what is left of one.</exception>
    /// <exception cref="NotPortableException">It cannot cross.</exception>
    public void Add(T input)
    {
        var writer = new PayloadWriter(buffer);
        int start = offsets[Count];
        try
        {
            if (Count == 0)
                start = offsets[0] = WriteCaptures(ref writer);
            writer.WriteInt32(0);
            Function.WriteArguments(ref writer, new ValueTuple<T>(input));
            buffer.Patch(start, buffer.Written.Length - start - sizeof(int));
        }
        catch
        {
            buffer.Truncate(Count == 0 ? 0 : start);
            throw;
        }
        inputs[Count++] = input;
        offsets[Count] = buffer.Written.Length;
    }

    /// <summary>An input that cannot cross: the only one here.</summary>
    public void Fail(T input, Exception failure)
    {
        inputs[Count++] = input;
        SetFailure(0, failure);
    }

    private int WriteCaptures(ref PayloadWriter writer)
    {
        writer.WriteInt32(0);
        Function.WriteCaptures(ref writer, Map.Function);
        int length = buffer.Written.Length;
        buffer.Patch(0, length - sizeof(int));
        return length;
    }

    /// <summary>The frame is full enough: the call that hands it over.</summary>
    public BatchCall<T, TResult> Seal()
    {
        payload = buffer.Written.ToArray();
        buffer.Dispose();
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

    /// <summary>Part of it as a payload: the captures behind their length, then the inputs, each behind its own.</summary>
    public ReadOnlyMemory<byte> PayloadOf(int from, int count) => from == 0
        ? payload.AsMemory(..offsets[count])
        : (byte[])[.. payload.AsSpan(..offsets[0]), .. payload.AsSpan(offsets[from]..offsets[from + count])];

    public void SetResult(int index, TResult result)
    {
        results[index] = result;
        Volatile.Write(ref state[index], Arrived);
    }

    /// <summary>Reading it may run the user's code: the consumer does.</summary>
    public void KeepResult(int index, ArraySegment<byte> bytes, BatchCall by)
    {
        kept![index] = (bytes, by);
        Volatile.Write(ref state[index], Arrived);
    }

    public void SetFailure(int index, Exception failure)
    {
        failures[index] = failure;
        Volatile.Write(ref state[index], Arrived);
    }

    public void Signal() => signal();

    public bool IsDrained => Taken == Count;

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
        }
        _ = Volatile.Read(ref state[index]);   // the state, then what it speaks of
        state[index] = Gone;
        Taken++;
        if (failures[index] is null && kept is not null)
            Read(index);
        result = new(Index + index, inputs[index], results[index], failures[index]);
        return true;
    }
    private void Read(int index)
    {
        (ArraySegment<byte> bytes, BatchCall by) = kept![index];
        kept[index] = default;
        try
        {
            var reader = new PayloadReader(bytes);
            results[index] = Codec!.Read(ref reader);
        }
        catch (InvalidPayloadException e)
        {
            failures[index] = UnreadResult.FailureOf(e, null, by.Name) ?? by.Taker!.EndForViolation(by, e.Message);
        }
        catch (Exception e)
        {
            failures[index] = e;
        }
    }
}
