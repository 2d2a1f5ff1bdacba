using Kernmantle.Payloads;

namespace Kernmantle.Calls;

/// <summary>Inputs of a map that are handed over together, and where their results come in. Filled by one thread; answered by one at a time; read by one.</summary>
internal sealed class MapFrame<T, TResult>
{
    private readonly T[] inputs;
    private readonly int[] offsets;
    private readonly TResult[] results;
    private readonly Exception?[] failures;
    private const byte Arrived = 1, Gone = 2;

    private readonly byte[] state;
    private int first;
    private readonly PooledBuffer buffer;
    private readonly Action signal;
    private byte[] payload = [];

    public MapFrame(Delegate function, FunctionShape shape, CallOptions options, Function identity, long index, int capacity, long maxBytes, Action signal, CancellationToken cancelled)
    {
        (Delegate, Shape, Options, Function, Index) = (function, shape, options, identity, index);
        (inputs, offsets, results, failures, state) = (new T[capacity], new int[capacity + 1], new TResult[capacity], new Exception?[capacity], new byte[capacity]);
        buffer = new(maxBytes, $"The arguments of {identity.DisplayName}");
        this.signal = signal;
        Cancelled = cancelled;
        Codec = shape.IsVoid ? null : identity.ResultCodec<TResult>();
    }

    public Delegate Delegate { get; }

    public FunctionShape Shape { get; }

    public CallOptions Options { get; }

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

    /// <exception cref="PayloadTooLargeException">It is larger than a payload may be.</exception>
    public void Add(T input)
    {
        var writer = new PayloadWriter(buffer);
        Function.WriteCall(ref writer, Delegate, new ValueTuple<T>(input));
        inputs[Count++] = input;
        offsets[Count] = buffer.Written.Length;
    }

    /// <summary>The frame is full enough: the call that hands it over.</summary>
    public BatchCall<T, TResult> Seal()
    {
        payload = buffer.Written.ToArray();
        buffer.Dispose();
        return new(this, 0, Count);
    }

    /// <summary>Part of it as a payload.</summary>
    public ReadOnlyMemory<byte> PayloadOf(int from, int count) => payload.AsMemory(offsets[from]..offsets[from + count]);

    public void SetResult(int index, TResult result)
    {
        results[index] = result;
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
        result = new(Index + index, inputs[index], results[index], failures[index]);
        return true;
    }
}
