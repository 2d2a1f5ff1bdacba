using Kernmantle.Functions;

namespace Kernmantle;

/// <summary>
/// An object that lives in a worker and serves many calls, one at a time, in the order made. It survives nothing: when its
/// worker dies (by another call's fault too), its calls fail with <see cref="StateLostException"/>, unless
/// <see cref="RemoteOptions.Recreate"/> builds it again. Disposing of it disposes of the object, in the worker. Thread-safe.
/// </summary>
/// <remarks>
/// It may be handed to other calls, as an argument, a captured variable or a result, and called there. A worker process that is handed one may have any function run in the process that
/// the object lives in. There, disposing of it does nothing: the object belongs to who created it.
/// </remarks>
/// <typeparam name="T">The type of the object. It need not be able to cross: it never does.</typeparam>
public sealed class Remote<T> : ObjectInvoker<T>, IAsyncDisposable
    where T : class
{
    internal Remote(RemoteObject at)
        : base(remote: null, WorkerPool.NoOptions) => Object = at;

    /// <summary>Where its calls go.</summary>
    internal RemoteObject Object { get; }

    /// <summary>
    /// Whether the worker that holds the object is still the one it was created in. A moment's truth: it may die at any time. In a worker process that was handed it: whether no call from
    /// there has failed since it is not.
    /// </summary>
    public bool IsAlive => Object.IsAlive;

    /// <summary>Disposes of the object in its worker, after the calls made before, and waits for that. Does nothing if it was lost.</summary>
    /// <exception cref="RemoteException">The object's disposal threw.</exception>
    public ValueTask DisposeAsync() => Object.DisposeAsync();

    internal Task<TResult> CallCore<TArgs, TResult>(Delegate function, FunctionShape shape, in TArgs arguments, Func<object, TArgs, TArgs> bind, CallOptions callOptions, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(function);
        return AwaitableResult<TResult>.Refusal is { } refusal
            ? Task.FromException<TResult>(refusal)
            : Object.CallAsync<TArgs, TResult>(function, shape, arguments, bind, callOptions, cancellationToken);
    }

    internal IAsyncEnumerable<TItem> StreamCore<TArgs, TItem>(Delegate function, FunctionShape shape, TArgs arguments, Func<object, TArgs, TArgs> bind, CallOptions callOptions, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(function);
        return Object.StreamAsync<TArgs, TItem>(function, shape, arguments, bind, callOptions, cancellationToken);
    }
}
