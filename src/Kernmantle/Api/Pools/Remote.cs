using System.Runtime.CompilerServices;
using Kernmantle.Functions;
using Kernmantle.Scheduling;
using Kernmantle.Scheduling.Calls;
using Kernmantle.Scheduling.Streams;

namespace Kernmantle;

/// <summary>
/// An object that lives in a worker and serves many calls, one at a time, in the order made. It survives nothing: when its
/// worker dies (by another call's fault too), its calls fail with <see cref="StateLostException"/>, unless
/// <see cref="RemoteOptions.Recreate"/> builds it again. Disposing of it disposes of the object, in the worker. Thread-safe.
/// </summary>
/// <typeparam name="T">The type of the object. It need not be able to cross: it never does.</typeparam>
public sealed class Remote<T> : ObjectInvoker<T>, IAsyncDisposable
    where T : class
{
    private static readonly FunctionShape ReleaseShape = new(ReturnKind.Task, IsVoid: true, HasToken: false, FirstIsInstance: true);

    private readonly Submission calls;
    private readonly RemoteOptions options;
    private readonly Func<CancellationToken, Call> create;
    private readonly SemaphoreSlim creating = new(1);
    private Home? home;
    private bool disposed;

    internal Remote(Submission calls, RemoteOptions options, Func<CancellationToken, Call> create)
        : base(remote: null, WorkerPool.NoOptions)
    {
        this.calls = calls;
        this.options = options;
        this.create = create;
    }

    /// <summary>Whether the worker that holds the object is still the one it was created in. A moment's truth: it may die at any time.</summary>
    public bool IsAlive => !disposed && home is { } h && h.Slot.Generation == h.Generation;

    /// <summary>Disposes of the object in its worker, after the calls made before, and waits for that. Does nothing if it was lost.</summary>
    /// <exception cref="RemoteException">The object's disposal threw.</exception>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref disposed, true) || home is not { } last)
            return;
        try
        {
            Func<T, Task> release = static instance => Disposal.DisposeAsync(instance).AsTask();
            var call = new ValueCall<ValueTuple<T>, Unit>(release, ReleaseShape, default, Bind, new() { Name = "dispose" }, default) { ReleasesInstance = true };
            last.Pin(call);
            if (calls.Send(call) is { } failure)
                throw failure;
            await call.Task.ConfigureAwait(false);
        }
        catch (WorkerException e) when (e is StateLostException or PoolBrokenException or WorkerCrashedException)
        {
            // It is gone with its worker, which was reported to the calls it served.
        }
        catch (ObjectDisposedException)
        {
            // The pool went first, and disposed of it.
        }
    }

    internal async Task CreateAsync(CancellationToken cancellationToken)
    {
        Call call = create(cancellationToken);
        if (calls.Send(call) is { } failure)
            throw failure;
        await call.Ended.ConfigureAwait(false);
        home = new(call.PinnedTo!, call.Generation, call.Id);
    }

    private static ValueTuple<T> Bind(object instance, ValueTuple<T> arguments) => new((T)instance);

    internal Task<TResult> CallCore<TArgs, TResult>(Delegate function, FunctionShape shape, in TArgs arguments, Func<object, TArgs, TArgs> bind, CallOptions callOptions, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(function);
        if (AwaitableResult<TResult>.Refusal is { } refusal)
            return Task.FromException<TResult>(refusal);
        return !disposed && home is { } at && (!options.Recreate || IsAlive)
            ? calls.Run<TArgs, TResult>(function, shape, arguments, at, bind, callOptions, cancellationToken)
            : CallAnewAsync<TArgs, TResult>(function, shape, arguments, bind, callOptions, cancellationToken);
    }

    private async Task<TResult> CallAnewAsync<TArgs, TResult>(Delegate function, FunctionShape shape, TArgs arguments, Func<object, TArgs, TArgs> bind, CallOptions callOptions, CancellationToken cancellationToken)
    {
        Home at = await HomeAsync(cancellationToken).ConfigureAwait(false);
        return await calls.Run<TArgs, TResult>(function, shape, arguments, at, bind, callOptions, cancellationToken).ConfigureAwait(false);
    }

    internal async IAsyncEnumerable<TItem> StreamCore<TArgs, TItem>(
        Delegate function,
        FunctionShape shape,
        TArgs arguments,
        Func<object, TArgs, TArgs> bind,
        CallOptions callOptions,
        CancellationToken outer,
        [EnumeratorCancellation] CancellationToken inner = default)
    {
        ArgumentNullException.ThrowIfNull(function);
        Home at = await HomeAsync(outer).ConfigureAwait(false);
        IAsyncEnumerable<TItem> items = Streaming.ReadAsync(token => calls.Start<TArgs, TItem>(function, shape, arguments, at, bind, callOptions, token), outer, inner);
        await foreach (TItem item in items.ConfigureAwait(false))
            yield return item;
    }

    private async ValueTask<Home> HomeAsync(CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        if (!options.Recreate || IsAlive)
            return home!;
        await creating.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (!IsAlive)
                await CreateAsync(cancellationToken).ConfigureAwait(false);
            return home!;
        }
        finally
        {
            creating.Release();
        }
    }
}
