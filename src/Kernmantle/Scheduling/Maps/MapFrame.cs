using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Kernmantle.Functions;
using Kernmantle.Wire.Bytes;

namespace Kernmantle.Scheduling.Maps;

/// <summary>Inputs of a map that are handed over together, and where their results come in. Made by one thread; answered by one at a time for each item; read by one.</summary>
internal sealed partial class MapFrame<T, TResult>
{
    private readonly BatchMap<T, TResult> map;
    private readonly ReadOnlyMemory<T> inputs;
    private readonly ReadOnlyMemory<byte> payload;
    private readonly List<BatchCall<T, TResult>> parts = [];

    /// <param name="map">The map.</param>
    /// <param name="index">The index of the first input in it.</param>
    /// <param name="inputs">As they stay.</param>
    /// <param name="payload">What they carry, encoded; but for a slice, what the function captures.</param>
    /// <param name="results">Where the results go, as many as there are inputs.</param>
    public MapFrame(BatchMap<T, TResult> map, long index, ReadOnlyMemory<T> inputs, ReadOnlyMemory<byte> payload, ArraySegment<TResult> results)
    {
        (this.map, Index, this.inputs, this.payload, this.results) = (map, index, inputs, payload, results);
        state = new byte[inputs.Length];
        kept = map.Codec is null or IPlainCodec ? null : new (byte[], int)[inputs.Length];
    }

    public MapCall Map => map.Call;

    public Function Function => map.Function;

    /// <summary>How its items cross, if by their bits.</summary>
    public SliceShape? Slice => map.Slice;

    /// <summary>The index of the first input in the map.</summary>
    public long Index { get; }

    /// <summary>The map is given up.</summary>
    public CancellationToken Cancelled => map.Cancelled;

    public T InputAt(int index) => inputs.Span[index];

    public int Count => inputs.Length;

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
    public ReadOnlyMemory<byte> PayloadOf(int from, int count) => Slice is null ? MapEncoding.PartOf(payload, from, count) : payload;

    /// <summary>Of a slice: the bits of its inputs.</summary>
    public void CopyInputs(int from, int count, Span<byte> to) => BytesOf(inputs.Span.Slice(from, count)).CopyTo(to);

    /// <summary>The consumer may look: for what is there of it, or, where frames are taken as a whole, because it fails.</summary>
    public void Progressed()
    {
        if (map.IsTakenByItem || AnyFailed)
            map.Signal();
    }

    /// <summary>The consumer may look: no more comes in of one of its parts.</summary>
    public void Signal() => map.Signal();

    private static Span<byte> BytesOf<TItem>(ReadOnlySpan<TItem> items) =>
        MemoryMarshal.CreateSpan(ref Unsafe.As<TItem, byte>(ref MemoryMarshal.GetReference(items)), items.Length * Unsafe.SizeOf<TItem>());

    /// <summary>The call that the item belongs to.</summary>
    private BatchCall<T, TResult> PartWith(int index)
    {
        lock (parts)
            return parts.First(part => part.Holds(index));
    }
}
