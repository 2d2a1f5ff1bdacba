using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Kernmantle.Functions;
using Kernmantle.Payloads;
using Kernmantle.Wire.Bytes;

namespace Kernmantle.Scheduling.Maps;

/// <summary>
/// A map whose items are tiny: they travel in frames (<see cref="FrameMaker{T, TResult}"/>). Who takes the results is one thread at a time, which also makes the frames.
/// </summary>
/// <typeparam name="T">The type of the inputs.</typeparam>
/// <typeparam name="TResult">The type of the results.</typeparam>
internal sealed class BatchMap<T, TResult>
{
    /// <summary>Frames under way for each worker: one is worked at, one waits there, one is being taken out.</summary>
    private const int PerWorker = 3;

    private readonly Submission calls;
    private readonly BatchInputs<T> inputs;
    private readonly CancellationTokenSource cancel;
    private readonly CancellationToken outer;
    private readonly CancellationToken inner;
    private readonly CancellationTokenRegistration registration;
    private readonly Channel<bool> progress = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });
    private readonly FrameMaker<T, TResult> maker;

    /// <param name="calls">Makes the calls.</param>
    /// <param name="source">The inputs.</param>
    /// <param name="call">What is called.</param>
    /// <param name="target">Where the results go; null: each frame keeps its own, and its inputs.</param>
    /// <param name="outer">Ends the map.</param>
    /// <param name="inner">Ends it too.</param>
    public BatchMap(Submission calls, IAsyncEnumerable<T> source, MapCall call, IMapTarget<TResult>? target, CancellationToken outer, CancellationToken inner)
    {
        (this.calls, Call, this.outer, this.inner) = (calls, call, outer, inner);
        IsTakenByItem = target is null;
        Function = Function.Of<ValueTuple<T>, TResult>(call.Function, call.Shape);
        Codec = call.Shape.IsVoid ? null : Function.ResultCodec<TResult>();
        if (Function.MaySlice<T, TResult>(call.Shape) && TryWriteCaptures(out byte[] captures))
            (Slice, Captures) = (new(Unsafe.SizeOf<T>(), call.Shape.IsVoid ? 0 : Unsafe.SizeOf<TResult>(), Function.BindsOnce), captures);
        cancel = CancellationTokenSource.CreateLinkedTokenSource(outer, inner);
        inputs = new(source, IsTakenByItem ? calls.Scheduler.Shutdown : null, cancel.Token);
        maker = new(this, inputs, calls, target);
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

    /// <summary>The consumer takes what there is of a frame; else frames as a whole.</summary>
    public bool IsTakenByItem { get; }

    public CancellationToken Cancelled => cancel.Token;

    /// <summary>Those under way, or there, in the order of their inputs. The consumer removes them.</summary>
    public List<MapFrame<T, TResult>> Frames { get; } = [];

    /// <summary>The consumer may look for results.</summary>
    public void Signal() => progress.Writer.TryWrite(true);

    private int Window => calls.Scheduler.WorkerCount * PerWorker;

    /// <summary>Hands over as much as there is room for. False: there is nothing more to come.</summary>
    /// <exception cref="OperationCanceledException">The map was given up.</exception>
    /// <exception cref="ObjectDisposedException">The pool was, and what had been made is handed out.</exception>
    public async ValueTask<bool> FillAsync()
    {
        while (true)
        {
            while (Frames.Count < Window && inputs.MayHaveMore && await inputs.HasMoreAsync(wait: Frames.Count == 0).ConfigureAwait(false))
            {
                if (cancel.IsCancellationRequested)
                    break;   // reported below
                foreach (MapFrame<T, TResult> frame in maker.Make())
                    HandOver(frame);
            }
            outer.ThrowIfCancellationRequested();
            inner.ThrowIfCancellationRequested();
            if (Frames.Count > 0)
                return true;
            if (inputs.Ended)
            {
                inputs.ThrowIfFailed();
                return false;
            }
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
        maker.Dispose();
        await registration.DisposeAsync().ConfigureAwait(false);
        cancel.Dispose();
    }

    private void HandOver(MapFrame<T, TResult> frame)
    {
        Frames.Add(frame);
        if (!frame.IsComplete)
            _ = calls.Scheduler.SubmitQuick(frame.PartOf(0, frame.Count), attend: false);
    }

    /// <summary>What cannot cross fails each item, as in every map.</summary>
    private bool TryWriteCaptures(out byte[] captures)
    {
        using var buffer = new PooledBuffer(calls.EncodeLimit, $"The captured variables of {Function.DisplayName}");
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
}

/// <summary>Where the results of a map go, if not to a consumer one by one.</summary>
internal interface IMapTarget<TResult>
{
    /// <summary>Room for so many, at that index; or as many as there can be.</summary>
    ArraySegment<TResult> Room(long index, int count);
}
