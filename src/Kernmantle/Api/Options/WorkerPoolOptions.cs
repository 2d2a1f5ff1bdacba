using System.Diagnostics.Metrics;
using Kernmantle.Logging;
using Kernmantle.Scheduling;
using Microsoft.Extensions.Logging;

namespace Kernmantle;

/// <summary>What a pool does with a call when its queue is full.</summary>
public enum QueueFullMode
{
    /// <summary>
    /// The call waits until there is room: <c>RunAsync</c> without blocking, <c>Run</c> by blocking. Calls are admitted in the order made; the values that
    /// a call carries are read when it is admitted. One that is cancelled leaves the line. A waiting <c>RunAsync</c> costs less than 200 bytes beside its task.
    /// </summary>
    Wait,

    /// <summary>The call fails at once with <see cref="QueueFullException"/>.</summary>
    Fail,
}

/// <summary>What pools of every kind have in common. Immutable.</summary>
public abstract class WorkerPoolOptions
{
    private protected WorkerPoolOptions()
    {
    }

    /// <summary>The pool's name, the first part of its workers' names.</summary>
    public string Name { get; init; } = "pool";

    /// <summary>
    /// How many calls may stand in the queue for a worker; 1 or more. What a worker was handed in advance (at most what it does within 0.6 ms) is not
    /// in the queue any more, and a call that is repeated or moved to another worker has its place.
    /// </summary>
    public int QueueCapacity { get; init; } = 4096;

    /// <summary>How many calls may wait for room in the queue (<see cref="QueueFullMode.Wait"/>), 0 or more; further ones fail with <see cref="QueueFullException"/>.</summary>
    public int MaxWaiting { get; init; } = 1_000_000;

    /// <summary>What happens to a call that finds the queue full.</summary>
    public QueueFullMode QueueFull { get; init; } = QueueFullMode.Wait;

    /// <summary>The timeout of calls that set none, counted from the call of the function to the completion of its task; null for none.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>The retry policy of calls that set none; null repeats nothing.</summary>
    public RetryPolicy? Retry { get; init; }

    /// <summary>
    /// How long a begun call has to follow its cancelled token before its worker is killed (on a thread: abandoned).
    /// </summary>
    public TimeSpan KillGrace { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a call that timed out has to follow its cancelled token before its worker is killed.</summary>
    public TimeSpan TimeoutGrace { get; init; } = TimeSpan.Zero;

    /// <summary>
    /// How many workers there are at least, from 0 to the number that the pool is made for; null for all of them. With fewer the pool is elastic: it begins with these, and that
    /// number is the most there may be. Workers more are started when calls wait, as many as waited for most of the time that the start of a worker takes, which is measured; what is
    /// over sooner starts none. The first call starts one at once, where there is none; so does a call whose key, or an object whose place, is that of a worker which does not run.
    /// They end after <see cref="IdleTimeout"/>. Not for event loops and inline pools.
    /// </summary>
    public int? MinWorkers { get; init; }

    /// <summary>
    /// After how long without a call a worker ends, where there are more than <see cref="MinWorkers"/>; positive. One in which an object of a <see cref="Remote{T}"/> lives does
    /// not. <see cref="System.Threading.Timeout.InfiniteTimeSpan"/>: none ends.
    /// </summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long <see cref="WorkerPool.DisposeAsync"/> lets calls finish before it kills.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How many items of a stream may be under way to a slow consumer; 1 or more. Of items larger than a KiB there are fewer: about as many KiB as this says, but always
    /// one. Over sockets, in threads and in Python there are at most 64.
    /// </summary>
    public int StreamWindow { get; init; } = 1024;

    /// <summary>The same where items go one by one, and count alike whatever their size.</summary>
    internal int FrameWindow => Math.Min(StreamWindow, 64);

    /// <summary>
    /// Runs once in every worker before its first call (again in each replacement); an <see cref="Action"/> or
    /// <c>Func&lt;Task&gt;</c>. If it throws, the worker counts as dead at start.
    /// </summary>
    public Delegate? OnWorkerStart { get; init; }

    /// <summary>
    /// How long a pool that broke (<see cref="PoolBrokenException"/>) waits before it tries one worker. Each further pause is twice as long, up to a
    /// minute, until the pool has held for the whole window of its restart limit. <see cref="System.Threading.Timeout.InfiniteTimeSpan"/>: it stays broken.
    /// </summary>
    public TimeSpan HealAfter { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Where records of the pool and its workers go; null for <see cref="KernmantleLog.DefaultFactory"/>.</summary>
    public ILoggerFactory? LoggerFactory { get; init; }

    /// <summary>
    /// Makes the pool's meter, <see cref="KernmantleTelemetry.Name"/>, where metrics of one host are to be told from those of another: tests, and containers that register an
    /// <see cref="IMeterFactory"/>. Null for the one meter of the process.
    /// </summary>
    public IMeterFactory? MeterFactory { get; init; }

    /// <summary>The clock of timeouts, graces and back-off.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    internal ILoggerFactory Loggers => GuardedLoggerFactory.Of(LoggerFactory ?? KernmantleLog.DefaultFactory);

    /// <summary>Why the number of workers cannot change; null where it can.</summary>
    private protected virtual string? WhyNotElastic => null;

    internal virtual void Validate()
    {
        ArgumentException.ThrowIfNullOrEmpty(Name);
        ArgumentOutOfRangeException.ThrowIfLessThan(QueueCapacity, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(MaxWaiting);
        ArgumentOutOfRangeException.ThrowIfLessThan(StreamWindow, 1);
        ArgumentNullException.ThrowIfNull(TimeProvider);
        if (!Enum.IsDefined(QueueFull))
            throw new ArgumentOutOfRangeException(nameof(QueueFull), QueueFull, "No such mode.");
        Durations.Check(Timeout, nameof(Timeout));
        Durations.Check(HealAfter, nameof(HealAfter));
        Durations.Check(IdleTimeout, nameof(IdleTimeout));
        if (MinWorkers is { } least)
            ArgumentOutOfRangeException.ThrowIfNegative(least, nameof(MinWorkers));
        if (MinWorkers is not null && WhyNotElastic is { } why)
            throw new ArgumentException($"{why}. Leave {nameof(MinWorkers)} out, or use a pool of threads or processes.", nameof(MinWorkers));
        Durations.CheckNotNegative(KillGrace, nameof(KillGrace));
        Durations.CheckNotNegative(TimeoutGrace, nameof(TimeoutGrace));
        Durations.CheckNotNegative(DrainTimeout, nameof(DrainTimeout));
        if (OnWorkerStart is not (null or Action or Func<Task>))
            throw new ArgumentException($"OnWorkerStart must be an Action or a Func<Task>, not {OnWorkerStart.GetType()}.", nameof(OnWorkerStart));
    }
}

/// <summary>Options of a pool of threads, also of one under a global lock.</summary>
public sealed class ThreadWorkerPoolOptions : WorkerPoolOptions
{
    /// <summary>The stack size of each thread, in bytes; 0 for the system's default.</summary>
    public int StackSizeBytes { get; init; }

    internal override void Validate()
    {
        base.Validate();
        ArgumentOutOfRangeException.ThrowIfNegative(StackSizeBytes);
    }
}

/// <summary>Options of an inline pool.</summary>
public sealed class InlinePoolOptions : WorkerPoolOptions
{
    /// <summary>
    /// Asked before each attempt at a call, at an item of a map, at the creation of an object, at a call on one, and at a stream: null to run the
    /// function as usual, or the failure that the attempt ends with instead. Nothing is asked before an object is disposed of.
    /// </summary>
    /// <remarks>
    /// <para>
    /// The failure arrives as that of a process: it is retried by its class, counted, and in a map that item's alone. After a crash, a timeout, a
    /// limit, or <see cref="StateLostException"/> the worker is replaced, and the objects that live in it are lost, without being disposed of; after
    /// other failures it stays. Calls on an object, and calls with a <see cref="CallOptions.Key"/>, run in other workers than calls without.
    /// </para>
    /// <para>
    /// A <see cref="WorkerException"/> arrives itself, with the names of its call and worker: make a new one each time. Any other exception, also one
    /// that is thrown here, arrives as <see cref="RemoteException"/>, as if the function had thrown it.
    /// </para>
    /// <para>It runs on the caller's thread, or, for calls that had to wait, on another one; at the same time for calls that are made so.</para>
    /// </remarks>
    public Func<InlineCall, Exception?>? FailureGenerator { get; init; }

    private protected override string? WhyNotElastic => "The caller is the worker: there is none to start or to end";
}
