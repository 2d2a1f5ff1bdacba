using System.Runtime.CompilerServices;
using Kernmantle.Functions;
using Kernmantle.Host;
using Kernmantle.InProcess.EventLoop;
using Kernmantle.InProcess.Inline;
using Kernmantle.InProcess.Threads;
using Kernmantle.Scheduling;
using Kernmantle.Scheduling.Calls;
using Kernmantle.Scheduling.Maps;
using Kernmantle.Scheduling.Streams;

namespace Kernmantle;

/// <summary>
/// A supervised set of workers of one kind that serves calls. The kind decides where a call runs; the calls stay the same:
/// <see cref="Threads"/>, <see cref="Processes"/>, <see cref="Exclusive"/>, <see cref="EventLoop"/>, <see cref="Inline"/>.
/// </summary>
/// <remarks>
/// <para>Thread-safe. Every call ends exactly once, with its result, one typed failure, or cancellation.</para>
/// <para>
/// Defaults: as many workers as processors (of the container); they start at the first call, or with
/// <see cref="StartAsync"/>; the queue holds 4096 calls and further ones wait; no timeout; a cancelled call has 1 s to follow
/// its token before its worker is killed; a call that timed out has none; disposal drains for 5 s and then kills.
/// </para>
/// <para>
/// What a lambda captures crosses to a process by value, and only what it reads: a change made in the worker is not seen
/// here, in any place other than threads. A <see cref="CancellationToken"/> and an <see cref="IProgress{T}"/>, captured or
/// passed, stay linked.
/// </para>
/// </remarks>
public abstract class WorkerPool : CallInvoker, IAsyncDisposable, IDisposable
{
    internal static readonly CallOptions NoOptions = new();

    private protected WorkerPool(WorkerPoolOptions options)
        : base(pool: null, NoOptions) =>
        Options = options;

    internal WorkerPoolOptions Options { get; }

    /// <summary>The largest payload, in bytes; 0 where calls are not encoded, since nothing crosses.</summary>
    private protected abstract long EncodeLimit { get; }

    /// <summary>The pool's name.</summary>
    public string Name => Options.Name;

    /// <summary>How many calls run at once, at most; for an inline pool, as many as there are callers.</summary>
    public abstract int WorkerCount { get; }

    /// <summary>How many items of a map may be under way.</summary>
    internal virtual int MapWindow => WorkerCount * Mapping.PerWorker;

    /// <summary>Figures of this moment.</summary>
    public abstract PoolStatistics Statistics { get; }

    /// <summary>What the pool can do at this moment. Thread-safe.</summary>
    public abstract PoolState State { get; }

    /// <summary>
    /// A pool of threads: shared memory, the lowest cost, and no protection: a function that never ends cannot be stopped, and
    /// one that crashes ends the program.
    /// </summary>
    /// <param name="workers">How many threads; 0 for the processor count.</param>
    /// <param name="options">Further options.</param>
    /// <exception cref="ArgumentOutOfRangeException">A negative count, or an option out of its range.</exception>
    public static WorkerPool Threads(int workers = 0, ThreadWorkerPoolOptions? options = null) =>
        new ThreadWorkerPool(CountOf(workers), Checked(options ?? new()));

    /// <summary>
    /// A pool of processes: each worker has its own memory and its own fate, and can be killed. The workers are this program
    /// started again; its <c>Main</c> does not run in them.
    /// </summary>
    /// <param name="workers">How many processes; 0 for the processor count.</param>
    /// <param name="options">Further options.</param>
    /// <exception cref="PlatformNotSupportedException">This program cannot be started again as a worker; the message says why and what to do.</exception>
    /// <exception cref="InvalidOperationException">Pools are nested deeper than <see cref="ProcessPoolOptions.MaxDepth"/>.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A negative count, or an option out of its range.</exception>
    public static WorkerPool Processes(int workers = 0, ProcessPoolOptions? options = null) =>
        new ProcessWorkerPool(CountOf(workers), Checked(options ?? new()));

    /// <summary>
    /// A pool of threads of which only one runs at a time, under a global lock: for native libraries and components that are not thread-safe. A call that
    /// computes for long gives way at <see cref="GlobalLock.Checkpoint"/>, one that blocks at <see cref="GlobalLock.AllowThreads"/>, an
    /// asynchronous one at each <c>await</c>.
    /// </summary>
    /// <param name="workers">How many threads; 0 for the processor count.</param>
    /// <param name="globalLock">The lock, which several pools and other code may share; null for a new one.</param>
    /// <param name="options">Further options.</param>
    /// <remarks>
    /// A call waits for the lock before it begins. One that timed out and goes on still holds it: the others wait until it ends, since nothing else
    /// would be safe. What follows an <c>await</c> with <c>ConfigureAwait(false)</c> leaves the thread and the lock.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException">A negative count, or an option out of its range.</exception>
    public static WorkerPool Exclusive(int workers = 0, GlobalLock? globalLock = null, ThreadWorkerPoolOptions? options = null) =>
        new ExclusivePool(CountOf(workers), globalLock ?? new(), Checked(options ?? new()));

    /// <summary>
    /// One thread on which asynchronous functions interleave, as in asyncio: no two run at once, and each <c>await</c> lets another one go on. Made for
    /// thousands that wait; one that blocks holds up all, which is logged.
    /// </summary>
    /// <param name="options">Further options.</param>
    /// <remarks>
    /// Synchronous functions run too, one at a time. A call that timed out, or was cancelled and does not follow its token, is let go of alone while it
    /// waits; if it blocks, its thread is, and every call on it. What follows an <c>await</c> with <c>ConfigureAwait(false)</c> leaves the thread.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException">An option out of its range.</exception>
    public static WorkerPool EventLoop(EventLoopOptions? options = null) => new EventLoopPool(Checked(options ?? new()));

    /// <summary>The caller itself as the worker: the double for unit tests.</summary>
    /// <param name="verifyPortable">Encode and decode every function, argument and result as if it crossed to a process.</param>
    /// <param name="options">Further options.</param>
    public static WorkerPool Inline(bool verifyPortable = false, InlinePoolOptions? options = null) =>
        new InlineWorkerPool(verifyPortable, Checked(options ?? new()));

    /// <summary>Starts the workers (<see cref="WorkerPoolOptions.MinWorkers"/> of them) and waits until all take calls. Not needed: the first call starts them too.</summary>
    /// <exception cref="PoolBrokenException">The workers do not stay alive.</exception>
    /// <exception cref="ObjectDisposedException">The pool has been disposed of.</exception>
    public abstract Task StartAsync(CancellationToken cancellationToken = default);

    /// <summary>
    /// Makes a function ready in all workers, and in those that come later before they take calls: its code is loaded and compiled, and what
    /// carries its arguments and its result is made, which else costs its first call in each worker some milliseconds. Runs nothing of the program's:
    /// no constructor, no initializer, not the function. Not needed for functions that have been called before, the latest 64 of which new
    /// workers make ready by themselves. In pools whose workers are threads there is nothing to do.
    /// </summary>
    /// <param name="function">A <c>Func</c> or <c>Action</c>, the same as is called later: a method, or a lambda kept in a variable (each lambda in the source is a function of its own).</param>
    /// <param name="cancellationToken">Ends the wait, not the work.</param>
    /// <returns>Completes when the workers that run now have done so: one that runs a call, after it.</returns>
    /// <exception cref="NotPortableException">The function, or a type that it takes or returns, can never cross.</exception>
    /// <exception cref="ArgumentException">It is of another delegate type, or takes more arguments than a call may have.</exception>
    /// <exception cref="ObjectDisposedException">The pool has been disposed of.</exception>
    public Task WarmAsync(Delegate function, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(function);
        return WarmCoreAsync(function).WaitAsync(cancellationToken);
    }

    /// <summary>Where there is something to make ready.</summary>
    private protected virtual Task WarmCoreAsync(Delegate function) => Task.CompletedTask;

    /// <summary>
    /// Refuses new calls, lets the others finish for <see cref="WorkerPoolOptions.DrainTimeout"/>, ends the rest (they fail with
    /// <see cref="ObjectDisposedException"/>), and completes when no worker is left.
    /// </summary>
    public abstract ValueTask DisposeAsync();

    /// <summary>As <see cref="DisposeAsync"/>, without letting anything finish.</summary>
    public abstract Task KillAsync();

    /// <summary>As <see cref="DisposeAsync"/>; blocks.</summary>
    public void Dispose()
    {
        DisposeAsync().AsTask().GetAwaiter().GetResult();
        GC.SuppressFinalize(this);
    }

    /// <summary>
    /// Completes when a call would not have to wait for room in the queue, at once if it has room now. Others may come first: a moment's truth. All who wait for it go on
    /// when there is room for one.
    /// </summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ObjectDisposedException">The pool has been disposed of, before or meanwhile.</exception>
    /// <exception cref="PoolBrokenException">The workers do not stay alive.</exception>
    public abstract Task WaitForRoomAsync(CancellationToken cancellationToken = default);

    internal abstract void Submit(Call call);

    /// <summary>Takes a place in the queue for a call to be made, which then says so (<see cref="Call.HoldsPlace"/>). False: there is no room, or others wait for it.</summary>
    internal abstract bool TryHoldPlace(bool runsAnywhere);

    /// <summary>There will be no call in the place.</summary>
    internal abstract void GiveUpPlace();

    /// <summary>The queue is full, and who comes now waits. A moment's truth, which <see cref="TryWait(Waiter, CancellationToken)"/> looks at again.</summary>
    internal abstract bool IsCrowded { get; }

    /// <summary>Has the call wait for room in the queue. False: it need not, or may not, and is to be submitted.</summary>
    internal abstract bool TryWait(Waiter waiter, CancellationToken token);

    /// <summary>Starts the workers if they have not been started; does not wait.</summary>
    private protected abstract void BeginStart();

    /// <summary>Whether calls that need nothing but arguments and a result may go the quick way.</summary>
    private protected virtual bool HasQuickWay => false;

    /// <summary>Whether workers can be handed memory of this process.</summary>
    private protected virtual bool SharesMemory => false;

    /// <summary>By what means calls of this pool are held to limits.</summary>
    /// <remarks>What is not enforced here is refused at the pool's creation, or at the call.</remarks>
    public virtual EnforcedLimits EnforcedLimits => EnforcedLimits.OnlyWallTime;

    /// <exception cref="NotSupportedException">Workers of this kind, or this machine, cannot be held to one of them.</exception>
    private protected void EnsureEnforceable(Limits limits) => EnforcedLimits.EnsureEnforces(limits);

    /// <summary>No worker is left, and none will come.</summary>
    internal virtual bool HasEnded => false;

    /// <summary>Submits a quick call. Returns the worker that has it as its only call, if one has.</summary>
    internal virtual PoolWorker? SubmitQuick(QuickCall call, bool attend) => throw new InvalidOperationException("This pool has no quick way.");

    /// <summary>Cancels a quick call, which has that token.</summary>
    internal virtual void CancelQuick(QuickCall call, CancellationToken token) => throw new InvalidOperationException("This pool has no quick way.");

    /// <summary>Cancels a quick call with its token, from now on. It must not become another call meanwhile.</summary>
    internal virtual void WatchQuick(QuickCall call) => throw new InvalidOperationException("This pool has no quick way.");

    /// <summary>The largest payload, in bytes.</summary>
    internal long LargestPayload => EncodeLimit;

    /// <summary>A call. The options of this and the others have been checked.</summary>
    internal Task<TResult> RunCore<TArgs, TResult>(Delegate function, FunctionShape shape, in TArgs arguments, CallOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(function);
        if (AwaitableResult<TResult>.Refusal is { } refusal)
            return Task.FromException<TResult>(refusal);
        return IsCrowded && TryWait<TArgs, TResult>(function, shape, arguments, options, cancellationToken) is { } waiting
            ? waiting
            : Run<TArgs, TResult>(function, shape, arguments, home: null, bind: null, options, cancellationToken);
    }

    /// <summary>As <see cref="RunCore"/>, if there is room at once. Null: there is none, and nothing has happened.</summary>
    internal Task<TResult>? TryRunCore<TArgs, TResult>(Delegate function, FunctionShape shape, in TArgs arguments, CallOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(function);
        if (AwaitableResult<TResult>.Refusal is { } refusal)
            return Task.FromException<TResult>(refusal);
        return !TryHoldPlace(options.Key is null) ? null
            : cancellationToken.IsCancellationRequested ? Cancelled<TResult>(cancellationToken)
            : RunInPlace<TArgs, TResult>(function, shape, arguments, options, cancellationToken);
    }

    private Task<TResult> Cancelled<TResult>(CancellationToken cancellationToken)
    {
        GiveUpPlace();
        return Task.FromCanceled<TResult>(cancellationToken);
    }

    private Task<TResult> RunInPlace<TArgs, TResult>(Delegate function, FunctionShape shape, in TArgs arguments, CallOptions options, CancellationToken cancellationToken)
    {
        QuickCall<TArgs, TResult>? quick;
        ValueCall<TArgs, TResult>? call = null;
        try
        {
            quick = TryMakeQuick<TArgs, TResult>(function, shape, arguments, options, synchronous: false, cancellationToken);
            if (quick is null)
                Prepare(call = new(function, shape, arguments, null, options, cancellationToken));
        }
        catch (Exception e)
        {
            GiveUpPlace();   // a user's property or enumerator may throw anything
            return Task.FromException<TResult>(e);
        }
        if (quick is not null)
        {
            quick.HoldsPlace = true;
            return RunQuickAsync(quick);
        }
        call!.HoldsPlace = true;
        Submit(call);
        return call.Task;
    }

    /// <param name="function">The function.</param>
    /// <param name="shape">Its shape.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="home">Of the object that it is called on; null for none.</param>
    /// <param name="bind">Puts that object among the arguments, where it is in this process.</param>
    /// <param name="options">Checked.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    internal Task<TResult> Run<TArgs, TResult>(Delegate function, FunctionShape shape, in TArgs arguments, Home? home, Func<object, TArgs, TArgs>? bind, CallOptions options, CancellationToken cancellationToken)
    {
        if (!cancellationToken.IsCancellationRequested && (home is null || !IsCrowded))
        {
            try
            {
                if (TryMakeQuick<TArgs, TResult>(function, shape, arguments, options, synchronous: false, cancellationToken) is { } quick)
                {
                    home?.Pin(quick);
                    return RunQuickAsync(quick);
                }
            }
            catch (Exception e)
            {
                return Task.FromException<TResult>(e);
            }
        }
        var call = new ValueCall<TArgs, TResult>(function, shape, arguments, bind, options, cancellationToken);
        home?.Pin(call);
        return Send(call) is { } failure ? Task.FromException<TResult>(failure) : call.Task;
    }

    internal TResult RunSync<TArgs, TResult>(Delegate function, FunctionShape shape, in TArgs arguments, CallOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(function);
        AwaitableResult<TResult>.ThrowIfRefused();
        return !IsCrowded && !cancellationToken.IsCancellationRequested
            && TryMakeQuick<TArgs, TResult>(function, shape, arguments, options, synchronous: true, cancellationToken) is { } quick
            ? RunQuick(quick)
            : RunCore<TArgs, TResult>(function, shape, arguments, options, cancellationToken).GetAwaiter().GetResult();
    }

    private TResult RunQuick<TArgs, TResult>(QuickCall<TArgs, TResult> call)
    {
        PoolWorker? worker = SubmitQuick(call, attend: true);
        if (worker?.Look(call) != true)
        {
            if (call.Token.CanBeCanceled)
                WatchQuick(call);
            if (worker?.Sleep(call) != true)
                call.WaitForEnd();
        }
        return call.TakeResult();
    }

    private Task<TResult> RunQuickAsync<TArgs, TResult>(QuickCall<TArgs, TResult> call)
    {
        Task<TResult> task = call.Task;   // read first: the call object may soon be reused for another call
        bool attends = call.Function!.Duration.IsTiny;   // it will have ended before a sleeping thread could wake up
        if (!attends && !call.Token.CanBeCanceled)
        {
            _ = SubmitQuick(call, attend: false);
            return task;
        }
        call.Enter();
        PoolWorker? worker = SubmitQuick(call, attends);
        bool hasEnded = attends && worker is not null && (worker.Look(call) || worker.Leave(call));
        if (hasEnded)
            call.Collect();
        else if (call.Token.CanBeCanceled)   // costs nothing while the caller attends
            WatchQuick(call);
        call.Leave();
        return task;
    }

    private bool IsQuick(FunctionShape shape) =>
        HasQuickWay
        && shape is { ResultIsInstance: false } and not { Kind: ReturnKind.Stream };

    /// <summary>The call, encoded; null if it needs the other way.</summary>
    /// <exception cref="Exception">What keeps it from being submitted.</exception>
    private QuickCall<TArgs, TResult>? TryMakeQuick<TArgs, TResult>(Delegate function, FunctionShape shape, in TArgs arguments, CallOptions options, bool synchronous, CancellationToken token, Task<TResult>? promise = null)
    {
        if (!IsQuick(shape))
            return null;
        if (options.Limits is { } limits)
            EnsureEnforceable(limits);
        return QuickCall<TArgs, TResult>.TryCreate(function, shape, arguments, options, synchronous, EncodeLimit, BoundOf(options), token, promise);
    }

    /// <summary>How long the function of a call with those options may take; infinite for as long as it likes.</summary>
    private protected TimeSpan BoundOf(CallOptions options) => options.Timeout ?? options.Limits?.WallTime ?? Options.Timeout ?? DefaultLimits?.WallTime ?? Timeout.InfiniteTimeSpan;

    /// <summary>What the worker of such a call may use; null for as much as it likes.</summary>
    private protected Limits? LimitsOf(CallOptions options) => Limits.Merge(options.Limits, DefaultLimits) is { HoldTheWorker: true } limits ? limits : null;

    /// <summary>The limits of calls, where they set none themselves.</summary>
    private protected virtual Limits? DefaultLimits => null;

    /// <summary>The caller's task, if the queue is full and the call waits.</summary>
    private Task<TResult>? TryWait<TArgs, TResult>(Delegate function, FunctionShape shape, in TArgs arguments, CallOptions options, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
            return Task.FromCanceled<TResult>(cancellationToken);
        try
        {
            if (options.Limits is { } limits)
                EnsureEnforceable(limits);
            if (EncodeLimit > 0)
                _ = Function.Of<TArgs, TResult>(function, shape);
        }
        catch (Exception e)
        {
            return Task.FromException<TResult>(e);
        }
        var waiter = new RunWaiter<TArgs, TResult>(function, shape, arguments, options, cancellationToken);
        return TryWait(waiter, cancellationToken) ? waiter.Task : null;
    }

    /// <summary>There is room for a call that waited.</summary>
    /// <exception cref="Exception">What keeps it from being submitted.</exception>
    internal Call MakeCall<TArgs, TResult>(Delegate function, FunctionShape shape, in TArgs arguments, CallOptions options, Task<TResult> promise, CancellationToken cancellationToken)
    {
        if (TryMakeQuick(function, shape, arguments, options, synchronous: false, cancellationToken, promise) is { } quick)
            return quick;
        var call = new ValueCall<TArgs, TResult>(function, shape, arguments, null, options, cancellationToken, promise);
        Prepare(call);
        return call;
    }

    /// <summary>Encodes the call if its place needs that, and submits it, or has it wait. Returns what kept it from that.</summary>
    internal Exception? Send(Call call)
    {
        if (call.Token.IsCancellationRequested)
        {
            call.Complete(Outcome.Cancelled);
            return null;
        }
        try
        {
            if (IsCrowded && !call.WaitsEncoded)
            {
                if (call.Options.Limits is { } limits)
                    EnsureEnforceable(limits);
                if (EncodeLimit > 0)
                    call.CheckPortable();
                if (TryWait(new CallWaiter(call, isEncoded: false), call.Token))
                    return null;
            }
            Prepare(call);
        }
        catch (Exception e)
        {
            return e;   // a user's property or enumerator may throw anything
        }
        Submit(call);
        return null;
    }

    /// <summary>Reads what the call carries. Runs the user's code: outside of every lock.</summary>
    /// <exception cref="Exception">What keeps the call from being submitted.</exception>
    internal void Prepare(Call call)
    {
        if (call.Options.Limits is { } limits)
            EnsureEnforceable(limits);
        call.KeyHash = call.Options.Key?.GetHashCode() ?? 0;
        if (EncodeLimit <= 0)
            return;
        BeginStart();   // encoding the first call takes a good part of a worker's start: do both at once
        call.LendsBuffers = SharesMemory;
        call.Encode(EncodeLimit);
    }

    internal IAsyncEnumerable<TItem> StreamCore<TArgs, TItem>(Delegate function, FunctionShape shape, TArgs arguments, CallOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(function);
        return Streaming.ReadAsync(token => Start<TArgs, TItem>(function, shape, arguments, home: null, bind: null, options, token), cancellationToken);
    }

    /// <summary>Submits a stream. As <c>Run</c> does a call.</summary>
    /// <exception cref="Exception">What keeps it from that.</exception>
    internal IStreamSource<TItem> Start<TArgs, TItem>(Delegate function, FunctionShape shape, in TArgs arguments, Home? home, Func<object, TArgs, TArgs>? bind, CallOptions options, CancellationToken token)
    {
        if (HasQuickWay && !IsCrowded && !token.IsCancellationRequested)
        {
            if (options.Limits is { } limits)
                EnsureEnforceable(limits);
            if (QuickCall<TArgs, Unit>.TryCreateStream(function, shape, arguments, options, Options.StreamWindow, EncodeLimit, BoundOf(options), token, out StreamItems<TItem> items) is { } quick)
            {
                home?.Pin(quick);
                _ = RunQuickAsync(quick);
                return items;
            }
        }
        var call = new StreamCall<TArgs, TItem>(function, shape, arguments, bind, options, Options.FrameWindow, token);
        home?.Pin(call);
        return Streaming.Start(this, call);
    }

    internal async Task<Remote<T>> CreateCore<TArgs, T>(Delegate function, FunctionShape shape, TArgs arguments, CallOptions callOptions, RemoteOptions? options, CancellationToken cancellationToken)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(function);
        AwaitableResult<T>.ThrowIfRefused();
        CallOptions its = options?.Name is { } name ? new CallOptions { Name = name }.Over(callOptions) : callOptions;
        var remote = new Remote<T>(this, options ?? new(), token => new ValueCall<TArgs, T>(function, shape, arguments, null, its, token));
        await remote.CreateAsync(cancellationToken).ConfigureAwait(false);
        return remote;
    }

    internal IAsyncEnumerable<MapResult<T, TResult>> MapCore<T, TResult>(Delegate function, FunctionShape shape, IAsyncEnumerable<T> inputs, CallOptions options, CancellationToken cancellationToken) =>
        MayBatch<T, TResult>(function, shape, options)
            ? BatchMapping.RunAsync<T, TResult>(this, NotNull(inputs), new(function, shape, options, BoundOf(options)), ordered: true, cancellationToken)
            : Mapping.InOrderAsync(this, NotNull(inputs), OneByOne<T, TResult>(function, shape, options), cancellationToken);

    internal IAsyncEnumerable<MapResult<T, TResult>> MapUnorderedCore<T, TResult>(Delegate function, FunctionShape shape, IAsyncEnumerable<T> inputs, CallOptions options, CancellationToken cancellationToken) =>
        MayBatch<T, TResult>(function, shape, options)
            ? BatchMapping.RunAsync<T, TResult>(this, NotNull(inputs), new(function, shape, options, BoundOf(options)), ordered: false, cancellationToken)
            : Mapping.AsFinishedAsync(this, NotNull(inputs), OneByOne<T, TResult>(function, shape, options), cancellationToken);

    /// <summary>Items that cross by value can travel many at a time. Where a function that is too slow is asked before its worker is killed, it must be asked alone.</summary>
    private bool MayBatch<T, TResult>(Delegate function, FunctionShape shape, CallOptions options)
    {
        ArgumentNullException.ThrowIfNull(function);
        AwaitableResult<TResult>.ThrowIfRefused();
        try
        {
            return options.Key is null
                && (options.Retry ?? Options.Retry) is null
                && (Options.TimeoutGrace == TimeSpan.Zero || BoundOf(options) == Timeout.InfiniteTimeSpan)
                && LimitsOf(options) is null
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

    internal static IAsyncEnumerable<T> Listed<T>(IEnumerable<T> inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        return Mapping.AsAsync(inputs);
    }

    private static IAsyncEnumerable<T> NotNull<T>(IAsyncEnumerable<T> inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        return inputs;
    }

    internal static CallOptions Checked(CallOptions? options)
    {
        options?.Validate();
        return options ?? NoOptions;
    }

    private static TOptions Checked<TOptions>(TOptions options)
        where TOptions : WorkerPoolOptions
    {
        options.Validate();
        return options;
    }

    private static int CountOf(int workers)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(workers);
        return workers == 0 ? Environment.ProcessorCount : workers;
    }
}
