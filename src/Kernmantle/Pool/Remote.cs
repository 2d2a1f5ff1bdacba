using System.Runtime.CompilerServices;
using Kernmantle.Calls;
using Kernmantle.Pool;

namespace Kernmantle;

/// <summary>
/// An object that lives in a worker and serves many calls, one at a time, in the order made. It survives nothing: when its
/// worker dies (by another call's fault too), its calls fail with <see cref="StateLostException"/>, unless
/// <see cref="RemoteOptions.Recreate"/> builds it again. Disposing of it disposes of the object, in the worker. Thread-safe.
/// </summary>
/// <typeparam name="T">The type of the object. It need not be able to cross: it never does.</typeparam>
public sealed partial class Remote<T> : IAsyncDisposable
    where T : class
{
    private static readonly FunctionShape ReleaseShape = new(ReturnKind.ValueTask, IsVoid: true, HasToken: false, FirstIsInstance: true);

    private readonly WorkerPool pool;
    private readonly RemoteOptions options;
    private readonly Func<CancellationToken, Call> create;
    private readonly SemaphoreSlim creating = new(1);
    private Home? home;
    private bool disposed;

    internal Remote(WorkerPool pool, RemoteOptions options, Func<CancellationToken, Call> create)
    {
        this.pool = pool;
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
            Func<T, ValueTask> release = static instance => Disposal.DisposeAsync(instance);
            await Send(last, new ValueCall<ValueTuple<T>, Unit>(release, ReleaseShape, default, Bind, new() { Name = "dispose" }, default) { ReleasesInstance = true }).ConfigureAwait(false);
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
        if (pool.Send(call) is { } failure)
            throw failure;
        await call.Ended.ConfigureAwait(false);
        home = new(call.PinnedTo!, call.Generation, call.Id);
    }

    private static ValueTuple<T> Bind(object instance) => new((T)instance);

    private async Task<TResult> CallCore<TArgs, TResult>(Delegate function, FunctionShape shape, TArgs arguments, Func<object, TArgs> bind, CallOptions? callOptions, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(function);
        var call = new ValueCall<TArgs, TResult>(function, shape, arguments, bind, WorkerPool.Checked(callOptions), cancellationToken);
        return await Send(await HomeAsync(cancellationToken).ConfigureAwait(false), call).ConfigureAwait(false);
    }

    private async Task<TResult> Send<TArgs, TResult>(Home at, ValueCall<TArgs, TResult> call)
    {
        at.Pin(call);
        if (pool.Send(call) is { } failure)
            throw failure;
        return await call.Task.ConfigureAwait(false);
    }

    private async IAsyncEnumerable<TItem> StreamCore<TArgs, TItem>(
        Delegate function,
        FunctionShape shape,
        TArgs arguments,
        Func<object, TArgs> bind,
        CallOptions? callOptions,
        CancellationToken outer,
        [EnumeratorCancellation] CancellationToken inner = default)
    {
        ArgumentNullException.ThrowIfNull(function);
        CallOptions checkedOptions = WorkerPool.Checked(callOptions);
        Home at = await HomeAsync(outer).ConfigureAwait(false);
        IAsyncEnumerable<TItem> items = Streaming.ReadAsync(
            pool,
            token =>
            {
                var call = new StreamCall<TArgs, TItem>(function, shape, arguments, bind, checkedOptions, pool.Options.StreamWindow, token);
                at.Pin(call);
                return call;
            },
            outer,
            inner);
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

    /// <summary>Where the object lives: which incarnation of which worker, under which number.</summary>
    private sealed record Home(Slot Slot, long Generation, long Id)
    {
        public void Pin(Call call)
        {
            call.PinnedTo = Slot;
            call.Generation = Generation;
            call.InstanceId = Id;
        }
    }
}
