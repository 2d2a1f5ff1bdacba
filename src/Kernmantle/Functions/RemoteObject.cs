using Kernmantle.Wire.Bytes;

namespace Kernmantle.Functions;

/// <summary>Where the calls of a <see cref="Remote{T}"/> go: in the process that had the object made, to its pool; in a worker that was handed it, to the host.</summary>
internal abstract class RemoteObject : IRemoteObject
{
    public abstract long Id { get; }

    public virtual bool IsHosts => false;

    public virtual string? StaysHere => null;

    /// <summary>As <see cref="Remote{T}.IsAlive"/>.</summary>
    public abstract bool IsAlive { get; }

    public abstract Remote<T> As<T>()
        where T : class;

    /// <param name="function">Called with the object first.</param>
    /// <param name="shape">Its shape.</param>
    /// <param name="arguments">With a place for the object.</param>
    /// <param name="bind">Puts the object there, where it is in this process.</param>
    /// <param name="options">They have been checked.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    public abstract Task<TResult> CallAsync<TArgs, TResult>(Delegate function, FunctionShape shape, in TArgs arguments, Func<object, TArgs, TArgs> bind, CallOptions options, CancellationToken cancellationToken);

    /// <summary>The same of a function that yields items.</summary>
    public abstract IAsyncEnumerable<TItem> StreamAsync<TArgs, TItem>(Delegate function, FunctionShape shape, TArgs arguments, Func<object, TArgs, TArgs> bind, CallOptions options, CancellationToken cancellationToken);

    /// <summary>As <see cref="Remote{T}.DisposeAsync"/>.</summary>
    public abstract ValueTask DisposeAsync();
}
