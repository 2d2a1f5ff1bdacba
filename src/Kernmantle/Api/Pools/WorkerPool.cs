using Kernmantle.Api.Inspection;
using Kernmantle.Host;
using Kernmantle.InProcess.EventLoop;
using Kernmantle.InProcess.Inline;
using Kernmantle.InProcess.Threads;
using Kernmantle.Scheduling;
using Kernmantle.Scheduling.Maps;
using Kernmantle.SharedBuffers;

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
public sealed class WorkerPool : CallInvoker, IAsyncDisposable, IDisposable
{
    internal static readonly CallOptions NoOptions = new();

    private WorkerPool(Scheduler scheduler)
        : base(scheduler.Submission, NoOptions) =>
        Scheduler = scheduler;

    internal Scheduler Scheduler { get; }

    /// <summary>Whose memory its workers are handed, where they are.</summary>
    internal IBufferOwner? Buffers => Scheduler.Kind.Buffers;

    /// <summary>The pool's name.</summary>
    public string Name => Scheduler.Options.Name;

    /// <summary>How many calls run at once, at most; for an inline pool, as many as there are callers.</summary>
    public int WorkerCount => Scheduler.WorkerCount;

    /// <summary>Figures of this moment.</summary>
    public PoolStatistics Statistics => Scheduler.Statistics;

    /// <summary>What the pool can do at this moment. Thread-safe.</summary>
    public PoolState State => Scheduler.State;

    /// <summary>By what means calls of this pool are held to limits.</summary>
    /// <remarks>What is not enforced here is refused at the pool's creation, or at the call.</remarks>
    public EnforcedLimits EnforcedLimits => Scheduler.Kind.EnforcedLimits;

    /// <summary>
    /// A pool of threads: shared memory, the lowest cost, and no protection: a function that never ends cannot be stopped, and
    /// one that crashes ends the program.
    /// </summary>
    /// <param name="workers">How many threads; 0 for the processor count.</param>
    /// <param name="options">Further options.</param>
    /// <exception cref="ArgumentOutOfRangeException">A negative count, or an option out of its range.</exception>
    public static WorkerPool Threads(int workers = 0, ThreadWorkerPoolOptions? options = null) =>
        Of(new ThreadKind(Checked(options ??= new())), workers, options);

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
        Of(new ProcessKind(CountOf(workers), Checked(options ??= new())), workers, options);

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
        Of(new ExclusiveKind(globalLock ?? new(), Checked(options ??= new())), workers, options);

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
    public static WorkerPool EventLoop(EventLoopOptions? options = null) =>
        Of(new EventLoopKind(Checked(options ??= new())), workers: 1, options);

    /// <summary>The caller itself as the worker: the double for unit tests.</summary>
    /// <param name="verifyPortable">Encode and decode every function, argument and result as if it crossed to a process.</param>
    /// <param name="options">Further options.</param>
    public static WorkerPool Inline(bool verifyPortable = false, InlinePoolOptions? options = null) =>
        Of(new InlineKind(verifyPortable, Checked(options ??= new())), workers: 0, options);

    /// <summary>Starts the workers (<see cref="WorkerPoolOptions.MinWorkers"/> of them) and waits until all take calls. Not needed: the first call starts them too.</summary>
    /// <exception cref="PoolBrokenException">The workers do not stay alive.</exception>
    /// <exception cref="ObjectDisposedException">The pool has been disposed of.</exception>
    public Task StartAsync(CancellationToken cancellationToken = default) => Scheduler.Supervisor.StartAsync(cancellationToken);

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
        return Scheduler.Kind.WarmAsync(function).WaitAsync(cancellationToken);
    }

    /// <summary>
    /// Refuses new calls, lets the others finish for <see cref="WorkerPoolOptions.DrainTimeout"/>, ends the rest (they fail with
    /// <see cref="ObjectDisposedException"/>), and completes when no worker is left.
    /// </summary>
    public ValueTask DisposeAsync() => new(Scheduler.Shutdown.BeginAsync());

    /// <summary>
    /// As <see cref="DisposeAsync"/>, but lets calls finish for as long as the token is not cancelled, and not for <see cref="WorkerPoolOptions.DrainTimeout"/>: the end that a host's
    /// <c>StopAsync</c> asks for.
    /// </summary>
    /// <param name="cancellationToken">Ends what still runs. The task completes nevertheless only when no worker is left, and is not cancelled.</param>
    public Task StopAsync(CancellationToken cancellationToken = default) => Scheduler.Shutdown.StopAsync(cancellationToken);

    /// <summary>As <see cref="DisposeAsync"/>, without letting anything finish.</summary>
    public Task KillAsync() => Scheduler.Shutdown.KillAsync();

    /// <summary>As <see cref="DisposeAsync"/>; blocks.</summary>
    public void Dispose() => Scheduler.Shutdown.BeginAsync().GetAwaiter().GetResult();

    /// <summary>
    /// Completes when a call would not have to wait for room in the queue, at once if it has room now. Others may come first: a moment's truth. All who wait for it go on
    /// when there is room for one.
    /// </summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ObjectDisposedException">The pool has been disposed of, before or meanwhile.</exception>
    /// <exception cref="PoolBrokenException">The workers do not stay alive.</exception>
    public Task WaitForRoomAsync(CancellationToken cancellationToken = default) => Scheduler.Room.WaitAsync(cancellationToken);

    internal static CallOptions Checked(CallOptions? options)
    {
        options?.Validate();
        return options ?? NoOptions;
    }

    private static WorkerPool Of(WorkerKind kind, int workers, WorkerPoolOptions options)
    {
        AskedFor.Check();
        return new(new Scheduler(kind, CountOf(workers), options));
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
