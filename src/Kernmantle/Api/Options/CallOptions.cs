using Kernmantle.Scheduling;

namespace Kernmantle;

/// <summary>How calls are to be treated: <see cref="CallInvoker.With"/>. Immutable. What is not set comes from the pool's options.</summary>
public sealed class CallOptions
{
    /// <summary>
    /// How long the function may run, counted from its call to the completion of its task: not in the queue, not while its arguments are decoded or
    /// its result is encoded (that is bounded by <see cref="ProcessPoolOptions.TransferTimeout"/>). Null: the pool's
    /// <see cref="WorkerPoolOptions.Timeout"/>; <see cref="Timeout.InfiniteTimeSpan"/>: none. Stands still under a debugger.
    /// </summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>What the call may use. What it does not set comes from the pool's <see cref="ProcessPoolOptions.Limits"/>.</summary>
    public Limits? Limits { get; init; }

    /// <summary>A name for logs and failures. Null: the method's.</summary>
    public string? Name { get; init; }

    /// <summary>Whether a failed call is repeated. Null: the pool's <see cref="WorkerPoolOptions.Retry"/>, which by default repeats nothing.</summary>
    public RetryPolicy? Retry { get; init; }

    /// <summary>
    /// Calls with an equal key run on the same worker, one after the other, in the order submitted. Null: on any. Only its hash code is looked at, once, on
    /// the thread that makes the call: keys with equal hash codes are taken for equal. Calls on an object of <see cref="Remote{T}"/> have their own order, and no key.
    /// </summary>
    public object? Key { get; init; }

    /// <summary>
    /// What happens when the queue is full. Null: what the pool's <see cref="WorkerPoolOptions.QueueFull"/> says. <see cref="QueueFullMode.Fail"/> is how a call is made only if there is room for
    /// it at once; <see cref="WorkerPool.WaitForRoomAsync"/> waits for that.
    /// </summary>
    public QueueFullMode? QueueFull { get; init; }

    /// <summary>
    /// Of <c>MapToArrayAsync</c> and <c>ForEachAsync</c>: whether the first item that fails ends the map, and cancels what is under way. Null: false, all items run, and all failures are collected.
    /// </summary>
    public bool? StopAtFirstFailure { get; init; }

    /// <summary>
    /// Of maps: is told how far they are, at most ten times in a second, and at the end, by the thread that takes the results. What it throws is logged. Null: nobody is.
    /// </summary>
    public IProgress<MapProgress>? MapProgress { get; init; }

    /// <summary>What these set, and else the others.</summary>
    internal CallOptions Over(CallOptions general) => ReferenceEquals(general, WorkerPool.NoOptions) ? this : new()
    {
        Timeout = Timeout ?? Limits?.WallTime ?? general.Timeout ?? general.Limits?.WallTime,   // two names of one limit: who sets one of them has set it
        Limits = Limits.Merge(Limits, general.Limits),
        Name = Name ?? general.Name,
        Retry = Retry ?? general.Retry,
        Key = Key ?? general.Key,
        QueueFull = QueueFull ?? general.QueueFull,
        StopAtFirstFailure = StopAtFirstFailure ?? general.StopAtFirstFailure,
        MapProgress = MapProgress ?? general.MapProgress,
    };

    /// <exception cref="ArgumentException">A value is out of its range, or two contradict each other.</exception>
    internal void Validate()
    {
        Durations.Check(Timeout, nameof(Timeout));
        Limits?.Validate(Timeout);
        if (QueueFull is { } mode && !Enum.IsDefined(mode))
            throw new ArgumentOutOfRangeException(nameof(QueueFull), mode, "There is no such mode.");
    }
}
