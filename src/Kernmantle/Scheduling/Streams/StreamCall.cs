using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Kernmantle.Functions;
using Kernmantle.Scheduling.Calls;
using Kernmantle.Wire.Bytes;

namespace Kernmantle.Scheduling.Streams;

/// <summary>A call that yields items until it ends. At most <paramref name="window"/> items are under way to the consumer.</summary>
internal abstract class StreamCall<TItem>(Delegate function, FunctionShape shape, CallOptions options, int window, CancellationToken token)
    : Call(function, shape, options, token), IStreamCall, IStreamSource<TItem>
{
    private readonly Channel<TItem> items = Channel.CreateUnbounded<TItem>(new() { SingleReader = true, SingleWriter = true });
    private readonly TaskCompletionSource<Unit> completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Permits to send: the window here, for a local producer; a remote one has the same by its credit.</summary>
    private readonly SemaphoreSlim room = new(window);

    private int underWay;
    private volatile bool anyArrived;

    public ValueTask RoomAsync(CancellationToken token) => new(room.WaitAsync(token));

    /// <summary>Tells a remote producer that the consumer took this many items.</summary>
    public Action<int>? OnConsumed { get; set; }

    public override Task Ended => completion.Task;

    Task IStreamSource<TItem>.End => completion.Task;

    ValueTask<bool> IStreamSource<TItem>.WaitAsync() => items.Reader.WaitToReadAsync();

    bool IStreamSource<TItem>.TryTake(out TItem item)
    {
        if (!items.Reader.TryRead(out item!))
            return false;
        Consumed();
        return true;
    }

    void IStreamSource<TItem>.Leave()
    {
        // It never looked.
    }

    public override bool MayRepeat => !anyArrived;

    public override Outcome Decode(ref PayloadReader reader) => Outcome.Done;

    public override void DecodeItem(ref PayloadReader reader)
    {
        if (Interlocked.Increment(ref underWay) > window)
            throw new InvalidPayloadException($"More than {window} items without credit.");
        anyArrived = true;
        items.Writer.TryWrite(ReadItem(ref reader));
    }

    private protected abstract TItem ReadItem(ref PayloadReader reader);

    /// <summary>A local producer has made an item, and there is room for it.</summary>
    private protected void Add(TItem item)
    {
        Interlocked.Increment(ref underWay);
        anyArrived = true;
        items.Writer.TryWrite(item);
    }

    private void Consumed()
    {
        Interlocked.Decrement(ref underWay);
        if (OnConsumed is { } remote)
            remote(1);
        else
            room.Release();
    }

    public override void Complete(Outcome outcome)
    {
        if (!TryFail(completion, outcome))
            completion.TrySetResult(default);
        items.Writer.TryComplete();
    }
}

/// <summary>A stream that a function makes.</summary>
internal sealed class StreamCall<TArgs, TItem>(
    Delegate function,
    FunctionShape shape,
    TArgs arguments,
    Func<object, TArgs, TArgs>? bind,
    CallOptions options,
    int window,
    CancellationToken token)
    : StreamCall<TItem>(function, shape, options, window, token)
{
    public override ITuple? Arguments => arguments as ITuple;

    public override void CheckPortable() => _ = Kernmantle.Functions.Function.Of<TArgs, TItem>(Delegate, Shape);

    public override void Encode(long maxBytes) =>
        (Function, Payload, Scope) = CallEncoder.Encode<TArgs, TItem>(Delegate, Shape, arguments, maxBytes, Lending);

    private protected override TItem ReadItem(ref PayloadReader reader) => Function!.ResultCodec<TItem>().Read(ref reader);

    public override async ValueTask<Outcome> InvokeAsync(LocalInstances instances, CancellationToken token)
    {
        try
        {
            TArgs bound = bind is null ? arguments : bind(instances.Get(InstanceId), arguments);
            IAsyncEnumerable<TItem> source = Invoker<TArgs, TItem>.For(Delegate.GetType(), Shape).InvokeStream(Delegate, bound, token);
            bool comeBack = IStepContext.IsCurrent;   // the function goes on where it began
            await foreach (TItem item in source.WithCancellation(token).ConfigureAwait(comeBack))
            {
                await RoomAsync(token).ConfigureAwait(comeBack);
                Add(item);
            }
            return Outcome.Done;
        }
        catch (Exception e)
        {
            return LocalFailure.Of(e, this, token);
        }
    }
}

/// <summary>What a worker needs of a stream call, whatever its types.</summary>
internal interface IStreamCall
{
    /// <summary>Tells a remote producer that the consumer took items.</summary>
    Action<int>? OnConsumed { get; set; }

    /// <summary>Local producer: waits until the consumer has room for one more item.</summary>
    ValueTask RoomAsync(CancellationToken token);
}
