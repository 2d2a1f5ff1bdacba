using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Kernmantle.Functions;
using Kernmantle.Payloads;
using Kernmantle.Wire.Bytes;

namespace Kernmantle.Scheduling.Maps;

/// <summary>
/// A map whose items are tiny: they travel in frames of as many as make some 300 µs of work, as far as is known. The first one travels alone, so that its
/// result is not delayed; a source that has no more at once does not hold up what it has given. Who takes the results is one thread at a time, which also fills the frames.
/// </summary>
/// <typeparam name="T">The type of the inputs.</typeparam>
/// <typeparam name="TResult">The type of the results.</typeparam>
internal sealed class BatchMap<T, TResult>
{
    private const int LargestFrame = 8192;

    /// <summary>Of the items of a slice, in bytes: enough to make handing it over cheap, and little enough for a processor's own cache.</summary>
    private const int LargestSlice = 512 << 10;

    /// <summary>Frames under way for each worker: one is worked at, one waits there, one is being taken out.</summary>
    private const int PerWorker = 3;

    private readonly Submission calls;
    private readonly BatchInputs<T> inputs;
    private readonly CancellationTokenSource cancel;
    private readonly CancellationToken outer;
    private readonly CancellationToken inner;
    private readonly CancellationTokenRegistration registration;
    private readonly Channel<bool> progress = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });
    private readonly IMapTarget<TResult>? target;
    private long index;

    /// <param name="calls">Makes the calls.</param>
    /// <param name="source">The inputs.</param>
    /// <param name="call">What is called.</param>
    /// <param name="target">Where the results go; null: each frame keeps its own, and its inputs.</param>
    /// <param name="outer">Ends the map.</param>
    /// <param name="inner">Ends it too.</param>
    public BatchMap(Submission calls, IAsyncEnumerable<T> source, MapCall call, IMapTarget<TResult>? target, CancellationToken outer, CancellationToken inner)
    {
        (this.calls, Call, this.target, this.outer, this.inner) = (calls, call, target, outer, inner);
        Function = Function.Of<ValueTuple<T>, TResult>(call.Function, call.Shape);
        Codec = call.Shape.IsVoid ? null : Function.ResultCodec<TResult>();
        if (Function.MaySlice<T, TResult>(call.Shape) && TryWriteCaptures(out byte[] captures))
            (Slice, Captures) = (new(Unsafe.SizeOf<T>(), call.Shape.IsVoid ? 0 : Unsafe.SizeOf<TResult>(), Function.BindsOnce), captures);
        cancel = CancellationTokenSource.CreateLinkedTokenSource(outer, inner);
        inputs = new(source, cancel.Token);
        registration = cancel.Token.UnsafeRegister(static (self, _) => ((BatchMap<T, TResult>)self!).Signal(), this);
    }

    public MapCall Call { get; }

    public Function Function { get; }

    /// <summary>Of the results; null if there are none.</summary>
    public Codec<TResult>? Codec { get; }

    /// <summary>How the items cross, if by their bits.</summary>
    public SliceShape? Slice { get; }

    /// <summary>Of a map by slices: what the function captures.</summary>
    public ReadOnlyMemory<byte> Captures { get; }

    public long EncodeLimit => calls.EncodeLimit;

    public CancellationToken Cancelled => cancel.Token;

    /// <summary>Those under way, or there, in the order of their inputs. The consumer removes them.</summary>
    public List<MapFrame<T, TResult>> Frames { get; } = [];

    /// <summary>The consumer may look for results.</summary>
    public void Signal() => progress.Writer.TryWrite(true);

    private int Window => calls.Scheduler.WorkerCount * PerWorker;

    /// <summary>Hands over as much as there is room for. False: there is nothing more to come.</summary>
    /// <exception cref="OperationCanceledException">The map was given up.</exception>
    public async ValueTask<bool> FillAsync()
    {
        while (true)
        {
            while (Frames.Count < Window && !inputs.Ended && await inputs.HasMoreAsync(wait: Frames.Count == 0).ConfigureAwait(false))
            {
                if (cancel.IsCancellationRequested)
                    break;   // reported below
                FillOne();
            }
            outer.ThrowIfCancellationRequested();
            inner.ThrowIfCancellationRequested();
            if (Frames.Count > 0)
                return true;
            if (inputs.Ended)
                return false;
        }
    }

    /// <summary>Waits for results, or for inputs where there is room for them.</summary>
    public ValueTask WaitAsync() => inputs.WaitAsync(progress.Reader, Frames.Count < Window);

    /// <summary>Nothing is left running. Once.</summary>
    public async ValueTask EndAsync()
    {
        await cancel.CancelAsync().ConfigureAwait(false);
        foreach (MapFrame<T, TResult> frame in Frames)
            frame.Cancel(calls);
        while (!Frames.TrueForAll(static f => f.IsComplete))
            _ = await progress.Reader.ReadAsync(CancellationToken.None).ConfigureAwait(false);
        await inputs.DisposeAsync().ConfigureAwait(false);
        await registration.DisposeAsync().ConfigureAwait(false);
        cancel.Dispose();
    }

    private void FillOne()
    {
        int size = Size();
        if (Slice is not null && inputs.TakeMany(size) is { Length: > 0 } many)
        {
            ArraySegment<TResult> room = Room(many.Length);
            Send(target is null ? Copy(many, room) : new(this, index, many, room));
            return;
        }
        var frame = new MapFrame<T, TResult>(this, index, Room(size));
        Exception? failure = Fill(frame);
        if (frame.Count > 0)
            Send(frame);
        if (failure is null)
            return;
        frame = new(this, index, Room(1));
        frame.Fail(inputs.Take(), failure);
        index++;
        Frames.Add(frame);
    }

    /// <summary>What cannot cross fails each item, as in every map.</summary>
    private bool TryWriteCaptures(out byte[] captures)
    {
        using var buffer = new PooledBuffer(EncodeLimit, $"The captured variables of {Function.DisplayName}");
        var writer = new PayloadWriter(buffer);
        captures = [];
        try
        {
            Function.WriteCaptures(ref writer, Call.Function);
        }
        catch (WorkerException)
        {
            return false;
        }
        captures = buffer.Written.ToArray();
        return true;
    }

    private MapFrame<T, TResult> Copy(ReadOnlyMemory<T> many, ArraySegment<TResult> room)
    {
        var frame = new MapFrame<T, TResult>(this, index, room);
        foreach (T input in many.Span)
            frame.Add(input);
        return frame;
    }

    private void Send(MapFrame<T, TResult> frame)
    {
        index += frame.Count;
        BatchCall call = frame.Seal();
        Frames.Add(frame);
        _ = calls.Scheduler.SubmitQuick(call, attend: false);
    }

    private ArraySegment<TResult> Room(int size) => target?.Room(index, size) ?? new TResult[size];

    private int Size()
    {
        double most = Slice is { } slice ? LargestSlice / (slice.InputBytes + slice.ResultBytes) : calls.Scheduler.Options.QueueCapacity;
        if (target is null || Slice is null)
            most = Math.Min(most, LargestFrame);   // a source is not pulled far ahead of its consumer
        most = Math.Min(most, calls.Scheduler.Kind.Recycling?.Calls ?? most);
        return (int)Math.Clamp(CallDuration.Ahead / Function.Duration.Estimate, 1, Math.Max(1, most));
    }

    /// <summary>As much as fits and is there at once. A source that takes its time for each input does not hold up the ones before.</summary>
    /// <returns>Why the next input cannot cross, which is put back then; null if nothing is known against it.</returns>
    private Exception? Fill(MapFrame<T, TResult> frame)
    {
        long started = Environment.TickCount64;
        do
        {
            try
            {
                frame.Add(inputs.Take());
            }
            catch (Exception e)
            {
                inputs.PutBack();
                return e is PayloadTooLargeException && frame.Count > 0 ? null : e;   // what does not fit any more may fit the next frame
            }
        }
        while (!frame.IsFull && Environment.TickCount64 == started && inputs.TryMoveNext());
        return null;
    }
}

/// <summary>Where the results of a map go, if not to a consumer one by one.</summary>
internal interface IMapTarget<TResult>
{
    /// <summary>Room for so many, at that index; or as many as there can be.</summary>
    ArraySegment<TResult> Room(long index, int count);
}
