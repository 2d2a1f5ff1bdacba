using Kernmantle.Payloads;
using Kernmantle.Wire.Bytes;

namespace Kernmantle.Functions;

/// <summary>One call in a worker: everything is decoded, nothing has run. For one thread at a time.</summary>
internal abstract class PreparedCall
{
    /// <summary>The object that the function made and that stays in the worker; null for other functions, and before the end.</summary>
    public virtual object? Instance => null;

    /// <summary>Runs the function and keeps its result. A stream is only begun. Throws what the function throws.</summary>
    public abstract ValueTask InvokeAsync(CancellationToken token);

    /// <summary>The same for a thread that waits until the function has completed.</summary>
    public abstract void Invoke(IFunctionWait wait, CancellationToken token);

    /// <summary>Appends the result.</summary>
    /// <exception cref="NotPortableException">This result cannot cross.</exception>
    public abstract void WriteResult(ref PayloadWriter w);

    /// <summary>Streams: runs the function up to its next item. Throws what the function throws.</summary>
    public abstract ValueTask<bool> MoveNextAsync();

    /// <summary>Streams: appends the item.</summary>
    /// <exception cref="NotPortableException">This item cannot cross.</exception>
    public abstract void WriteCurrent(ref PayloadWriter w);

    /// <summary>Streams: ends the function, wherever it is.</summary>
    public abstract ValueTask DisposeAsync();

    /// <exception cref="NotPortableException">The value cannot cross.</exception>
    internal static void Write<R>(Codec<R> codec, R value, string what, ref PayloadWriter w)
    {
        try
        {
            codec.Write(ref w, value);
        }
        catch (NotPortableException e)
        {
            throw Refusals.Named(what, typeof(R), e);
        }
    }
}

/// <summary>A call that ends with one result, or none.</summary>
internal sealed class PreparedValue<TArgs, R>(Invoker<TArgs, R> invoker, Delegate function, TArgs args, Codec<R>? codec) : PreparedCall
{
    private R? result;

    public override object? Instance => codec is null ? result : null;

    public override ValueTask InvokeAsync(CancellationToken token)
    {
        ValueTask<R> call = invoker.InvokeAsync(function, in args, token);
        if (!call.IsCompletedSuccessfully)
            return Wait(call);
        result = call.Result;
        return default;
    }

    public override void Invoke(IFunctionWait wait, CancellationToken token) => result = invoker.Invoke(function, in args, wait, token);

    public override void WriteResult(ref PayloadWriter w)
    {
        if (codec is not null)
            Write(codec, result!, "The result", ref w);
    }

    public override ValueTask<bool> MoveNextAsync() => throw NoStream();

    public override void WriteCurrent(ref PayloadWriter w) => throw NoStream();

    public override ValueTask DisposeAsync() => default;

    private static InvalidOperationException NoStream() => new("The function is not a stream.");

    private async ValueTask Wait(ValueTask<R> call) => result = await call.ConfigureAwait(false);
}

/// <summary>A call that ends with any number of items.</summary>
internal sealed class PreparedStream<TArgs, R>(Invoker<TArgs, R> invoker, Delegate function, TArgs args, Codec<R> codec) : PreparedCall
{
    private IAsyncEnumerator<R>? items;

    public override void Invoke(IFunctionWait wait, CancellationToken token) => Begin(token);

    public override ValueTask InvokeAsync(CancellationToken token)
    {
        Begin(token);
        return default;
    }

    private void Begin(CancellationToken token) => items = invoker.InvokeStream(function, in args, token).GetAsyncEnumerator(token);

    public override void WriteResult(ref PayloadWriter w)
    {
    }

    public override ValueTask<bool> MoveNextAsync() => Items.MoveNextAsync();

    public override void WriteCurrent(ref PayloadWriter w) => Write(codec, Items.Current, "The item", ref w);

    public override ValueTask DisposeAsync() => items?.DisposeAsync() ?? default;

    private IAsyncEnumerator<R> Items => items ?? throw new InvalidOperationException("The stream has not begun.");
}
