using System.Runtime.CompilerServices;
using Kernmantle.Functions;
using Kernmantle.Scheduling.Calls;
using Kernmantle.Scheduling.Maps;
using Kernmantle.Scheduling.Objects;
using Kernmantle.Scheduling.Streams;

namespace Kernmantle.Scheduling;

/// <summary>
/// Makes calls of what callers hand in, and submits them: encoded at once where the place needs that and the queue has room, or as a waiter. Runs the user's code (keys, properties,
/// enumerators): never under the lock.
/// </summary>
internal sealed class Submission(Scheduler scheduler)
{
    private readonly WorkerKind kind = scheduler.Kind;
    private readonly WorkerPoolOptions poolOptions = scheduler.Options;

    public Scheduler Scheduler => scheduler;

    /// <summary>The largest payload, in bytes; 0 where calls are not encoded.</summary>
    public long EncodeLimit => kind.EncodeLimit;

    /// <summary>Its workers are processes, so that nothing but bytes reaches them.</summary>
    public bool RunsInProcesses => EncodeLimit > 0 && !kind.CallerIsWorker;

    /// <summary>How many items of a map may be under way.</summary>
    public int MapWindow => Math.Clamp(kind.MapWindow(scheduler.WorkerCount), 1, poolOptions.QueueCapacity);

    /// <summary>A call. The options of this and the others have been checked.</summary>
    public Task<TResult> RunCore<TArgs, TResult>(Delegate function, FunctionShape shape, in TArgs arguments, CallOptions options, CancellationToken cancellationToken, BlockedCaller? caller = null)
    {
        ArgumentNullException.ThrowIfNull(function);
        if (AwaitableResult<TResult>.Refusal is { } refusal)
            return Task.FromException<TResult>(refusal);
        if (scheduler.Admission.IsCrowded)
        {
            if (scheduler.Admission.ModeOf(options) == QueueFullMode.Wait)
            {
                if (TryWait<TArgs, TResult>(function, shape, arguments, options, cancellationToken) is { } waiting)
                    return waiting;
            }
            else if (scheduler.Admission.Refusal(options) is { } full)
                return Task.FromException<TResult>(full);
        }
        return Run<TArgs, TResult>(function, shape, arguments, home: null, bind: null, options, cancellationToken, caller);
    }

    /// <param name="function">The function.</param>
    /// <param name="shape">Its shape.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="home">Of the object that it is called on; null for none.</param>
    /// <param name="bind">Puts that object among the arguments, where it is in this process.</param>
    /// <param name="options">Checked.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <param name="caller">Who will block until it has ended; null for nobody.</param>
    public Task<TResult> Run<TArgs, TResult>(Delegate function, FunctionShape shape, in TArgs arguments, Home? home, Func<object, TArgs, TArgs>? bind, CallOptions options, CancellationToken cancellationToken, BlockedCaller? caller = null)
    {
        if (!cancellationToken.IsCancellationRequested && (home is null || !scheduler.Admission.IsCrowded))
        {
            try
            {
                if (TryMakeQuick<TArgs, TResult>(function, shape, arguments, options, synchronous: false, cancellationToken, home: home) is { } quick)
                    return RunQuickAsync(quick);
            }
            catch (Exception e)
            {
                return Task.FromException<TResult>(e);
            }
        }
        var call = new ValueCall<TArgs, TResult>(function, shape, arguments, bind, options, cancellationToken);
        home?.Pin(call);
        caller?.Call = call;
        return Send(call) is { } failure ? Task.FromException<TResult>(failure) : call.Task;
    }

    public TResult RunSync<TArgs, TResult>(Delegate function, FunctionShape shape, in TArgs arguments, CallOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(function);
        AwaitableResult<TResult>.ThrowIfRefused();
        if (!scheduler.Admission.IsCrowded && !cancellationToken.IsCancellationRequested
            && TryMakeQuick<TArgs, TResult>(function, shape, arguments, options, synchronous: true, cancellationToken) is { } quick)
            return RunQuick(quick);
        BlockedCaller caller = BlockedCaller.Current;
        try
        {
            return RunCore<TArgs, TResult>(function, shape, arguments, options, cancellationToken, caller).GetAwaiter().GetResult();
        }
        finally
        {
            caller.Call = null;
        }
    }

    private TResult RunQuick<TArgs, TResult>(QuickCall<TArgs, TResult> call)
    {
        PoolWorker? worker = scheduler.SubmitQuick(call, attend: true);
        if (worker?.Look(call) != true)
        {
            scheduler.Cancellation.WatchQuick(call);
            BlockedCaller caller = BlockedCaller.Current;
            caller.Call = call;
            try
            {
                if (worker?.Sleep(call) != true)
                    call.WaitForEnd();
            }
            finally
            {
                caller.Call = null;   // also where the thread was interrupted
            }
        }
        return call.TakeResult();
    }

    private Task<TResult> RunQuickAsync<TArgs, TResult>(QuickCall<TArgs, TResult> call)
    {
        Task<TResult> task = call.Task;   // read first: the call object may soon be reused for another call
        bool attends = call.Function!.Duration.Estimate <= kind.AwakeMicroseconds;   // it will have ended before a sleeping thread could wake up
        if (!attends && !call.Token.CanBeCanceled)
        {
            _ = scheduler.SubmitQuick(call, attend: false);
            return task;
        }
        call.Enter();
        PoolWorker? worker = scheduler.SubmitQuick(call, attends);
        bool hasEnded = attends && worker is not null && (worker.Look(call) || worker.Leave(call));
        if (hasEnded)
            call.Collect();
        else   // costs nothing while the caller attends
            scheduler.Cancellation.WatchQuick(call);
        call.Leave();
        return task;
    }

    /// <summary>Submits a call that comes encoded, which nobody waits for here.</summary>
    /// <exception cref="PayloadTooLargeException">It is larger than this pool's may be.</exception>
    public void Pass(QuickCall call)
    {
        if (call.Payload.Length > EncodeLimit)
            throw new PayloadTooLargeException($"The arguments of {call.Name}", call.Payload.Length, EncodeLimit);
        scheduler.SubmitQuick(call, attend: false);
        scheduler.Cancellation.WatchQuick(call);
    }

    private bool IsQuick(FunctionShape shape) =>
        kind.HasQuickWay
        && shape is { ResultIsInstance: false } and not { Kind: ReturnKind.Stream };

    /// <summary>The call, encoded; null if it needs the other way.</summary>
    /// <exception cref="Exception">What keeps it from being submitted.</exception>
    private QuickCall<TArgs, TResult>? TryMakeQuick<TArgs, TResult>(Delegate function, FunctionShape shape, in TArgs arguments, CallOptions options, bool synchronous, CancellationToken token, Task<TResult>? promise = null, Home? home = null)
    {
        if (!IsQuick(shape))
            return null;
        if (options.Limits is { } limits)
            kind.EnforcedLimits.EnsureEnforces(limits);
        return QuickCall<TArgs, TResult>.TryCreate(function, shape, arguments, options, synchronous, EncodeLimit, scheduler.BoundOf(options), token, promise, home, scheduler.Large);
    }

    /// <summary>The caller's task, if the queue is full and the call waits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private Task<TResult>? TryWait<TArgs, TResult>(Delegate function, FunctionShape shape, in TArgs arguments, CallOptions options, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
            return Task.FromCanceled<TResult>(cancellationToken);
        bool isPlain = options.Key is null;
        try
        {
            if (options.Limits is { } limits)
                kind.EnforcedLimits.EnsureEnforces(limits);
            if (EncodeLimit > 0)
                isPlain &= Function.Of<TArgs, TResult>(function, shape).IsPlain<TArgs>();
        }
        catch (Exception e)
        {
            return Task.FromException<TResult>(e);
        }
        Task<TResult> promise = Promise<TResult>.Create();
        bool waits = cancellationToken.CanBeCanceled || scheduler.Telemetry.IsOn
            ? scheduler.Admission.TryWait(new RunWaiter<TArgs, TResult>(function, shape, arguments, options, isPlain, promise, cancellationToken), cancellationToken)
            : scheduler.Admission.TryWait(function, shape, arguments, options, isPlain, promise);
        return waits ? promise : null;
    }

    /// <summary>There is room for a call that waited.</summary>
    /// <exception cref="Exception">What keeps it from being submitted.</exception>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public Call MakeCall<TArgs, TResult>(Delegate function, FunctionShape shape, in TArgs arguments, CallOptions options, Task<TResult> promise, CancellationToken cancellationToken)
    {
        if (TryMakeQuick(function, shape, arguments, options, synchronous: false, cancellationToken, promise) is { } quick)
            return quick;
        var call = new ValueCall<TArgs, TResult>(function, shape, arguments, null, options, cancellationToken, promise);
        Prepare(call);
        return call;
    }

    /// <summary>Encodes the call if its place needs that, and submits it, or has it wait. Returns what kept it from that.</summary>
    public Exception? Send(Call call)
    {
        if (call.Token.IsCancellationRequested)
        {
            call.Complete(Outcome.Cancelled);
            return null;
        }
        try
        {
            if (scheduler.Admission.IsCrowded && !call.WaitsEncoded && !call.IsNested && scheduler.Admission.ModeOf(call.Options) == QueueFullMode.Wait)
            {
                if (call.Options.Limits is { } limits)
                    kind.EnforcedLimits.EnsureEnforces(limits);
                if (EncodeLimit > 0)
                    call.CheckPortable();
                if (scheduler.Admission.TryWait(new CallWaiter(call, isEncoded: false), call.Token))
                    return null;
            }
            Prepare(call);
        }
        catch (Exception e)
        {
            return e;   // a user's property or enumerator may throw anything
        }
        scheduler.Submit(call);
        return null;
    }

    /// <summary>Reads what the call carries. Runs the user's code: outside of every lock.</summary>
    /// <exception cref="Exception">What keeps the call from being submitted.</exception>
    public void Prepare(Call call)
    {
        if (call.Options.Limits is { } limits)
            kind.EnforcedLimits.EnsureEnforces(limits);
        call.KeyHash = call.Options.Key?.GetHashCode() ?? 0;
        if (EncodeLimit <= 0)
            return;
        scheduler.Supervisor.BeginStart();   // encoding the first call takes a good part of a worker's start: do both at once
        call.Lending = kind.Buffers is not null ? Lending.All : kind.CallerIsWorker ? Lending.Lasting : Lending.Nothing;
        call.Encode(EncodeLimit);
    }

    public IAsyncEnumerable<TItem> StreamCore<TArgs, TItem>(Delegate function, FunctionShape shape, TArgs arguments, CallOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(function);
        return Streaming.ReadAsync(token => Start<TArgs, TItem>(function, shape, arguments, home: null, bind: null, options, token), cancellationToken);
    }

    /// <summary>Submits a stream. As <c>Run</c> does a call.</summary>
    /// <exception cref="Exception">What keeps it from that.</exception>
    public IStreamSource<TItem> Start<TArgs, TItem>(Delegate function, FunctionShape shape, in TArgs arguments, Home? home, Func<object, TArgs, TArgs>? bind, CallOptions options, CancellationToken token)
    {
        if (kind.HasQuickWay && !scheduler.Admission.IsCrowded && !token.IsCancellationRequested)
        {
            if (options.Limits is { } limits)
                kind.EnforcedLimits.EnsureEnforces(limits);
            if (QuickCall<TArgs, Unit>.TryCreateStream(function, shape, arguments, options, poolOptions.StreamWindow, EncodeLimit, scheduler.BoundOf(options), token, out StreamItems<TItem> items, home, scheduler.Large) is { } quick)
            {
                _ = RunQuickAsync(quick);
                return items;
            }
        }
        var call = new StreamCall<TArgs, TItem>(function, shape, arguments, bind, options, poolOptions.FrameWindow, token);
        home?.Pin(call);
        return Streaming.Start(this, call);
    }

    public async Task<Remote<T>> CreateCore<TArgs, T>(Delegate function, FunctionShape shape, TArgs arguments, CallOptions callOptions, RemoteOptions? options, CancellationToken cancellationToken)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(function);
        AwaitableResult<T>.ThrowIfRefused();
        var created = new HostedObject<T>(this, options ?? new(), token => new ValueCall<TArgs, T>(function, shape, arguments, null, callOptions, token));
        await created.CreateAsync(cancellationToken).ConfigureAwait(false);
        return created.Remote;
    }

    public IAsyncEnumerable<MapResult<T, TResult>> MapCore<T, TResult>(Delegate function, FunctionShape shape, IAsyncEnumerable<T> inputs, CallOptions options, CancellationToken cancellationToken) =>
        MapMeter.Metered(scheduler, NameOf(function, options), inputs, options, MayBatch<T, TResult>(function, shape, options)
            ? new BatchEnumerable<T, TResult>(this, NotNull(inputs), new(function, shape, options, scheduler.BoundOf(options)), ordered: true, cancellationToken)
            : Mapping.InOrderAsync(this, NotNull(inputs), OneByOne<T, TResult>(function, shape, options), cancellationToken));

    public IAsyncEnumerable<MapResult<T, TResult>> MapUnorderedCore<T, TResult>(Delegate function, FunctionShape shape, IAsyncEnumerable<T> inputs, CallOptions options, CancellationToken cancellationToken) =>
        MapMeter.Metered(scheduler, NameOf(function, options), inputs, options, MayBatch<T, TResult>(function, shape, options)
            ? new BatchEnumerable<T, TResult>(this, NotNull(inputs), new(function, shape, options, scheduler.BoundOf(options)), ordered: false, cancellationToken)
            : Mapping.AsFinishedAsync(this, NotNull(inputs), OneByOne<T, TResult>(function, shape, options), endsWithPool: true, cancellationToken));

    /// <summary>A map whose results are wanted as a whole.</summary>
    public Task<TResult[]> MapToArrayCore<T, TResult>(Delegate function, FunctionShape shape, IAsyncEnumerable<T> inputs, CallOptions options, CancellationToken cancellationToken)
    {
        bool many = MayBatch<T, TResult>(function, shape, options);
        if (scheduler.Shutdown.HasBegun)
            return Task.FromException<TResult[]>(scheduler.Shutdown.Refusal());
        Func<string> name = NameOf(function, options);
        var results = new MapResults<TResult>(name, (inputs as MemoryInputs<T>)?.Memory.Length, !shape.IsVoid, options.StopAtFirstFailure == true, MapMeter.Of(scheduler, name, inputs, options));
        return many
            ? ArrayMapping.RunAsync(this, inputs, new(function, shape, options, scheduler.BoundOf(options)), results, cancellationToken)
            : ArrayMapping.RunAsync(Mapping.AsFinishedAsync(this, inputs, OneByOne<T, TResult>(function, shape, options), endsWithPool: false, cancellationToken), results, cancellationToken);
    }

    /// <summary>Looked up only where something is to be said.</summary>
    private static Func<string> NameOf(Delegate function, CallOptions options) => () => options.Name ?? Function.NameOf(function);

    /// <summary>Items that cross by value can travel many at a time. Where a function that is too slow is asked before its worker is killed, it must be asked alone.</summary>
    private bool MayBatch<T, TResult>(Delegate function, FunctionShape shape, CallOptions options)
    {
        ArgumentNullException.ThrowIfNull(function);
        AwaitableResult<TResult>.ThrowIfRefused();
        try
        {
            return options.Key is null
                && (options.Retry ?? poolOptions.Retry) is null
                && (poolOptions.TimeoutGrace == TimeSpan.Zero || scheduler.BoundOf(options) == Timeout.InfiniteTimeSpan)
                && scheduler.LimitsOf(options) is null
                && IsQuick(shape)
                && Function.Of<ValueTuple<T>, TResult>(function, shape).MayBatch<T, TResult>();
        }
        catch (NotPortableException)
        {
            return false;   // each item fails by itself, as in every map
        }
    }

    private Func<T, CancellationToken, Task<TResult>> OneByOne<T, TResult>(Delegate function, FunctionShape shape, CallOptions options) =>
        (input, token) => RunCore<ValueTuple<T>, TResult>(function, shape, new(input), options, token);

    /// <summary>Inputs that are all looked at before the call returns, or stay as they are until it ends.</summary>
    public static IAsyncEnumerable<T> Whole<T>(IEnumerable<T> inputs) => inputs switch
    {
        T[] array => new MemoryInputs<T>(array),
        List<T> list => new MemoryInputs<T>(list.ToArray()),
        _ => Listed(inputs),
    };

    public static IAsyncEnumerable<T> Whole<T>(ReadOnlyMemory<T> inputs) => new MemoryInputs<T>(inputs);

    public static IAsyncEnumerable<T> Listed<T>(IEnumerable<T> inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        return Mapping.AsAsync(inputs);
    }

    private static IAsyncEnumerable<T> NotNull<T>(IAsyncEnumerable<T> inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        return inputs;
    }
}
