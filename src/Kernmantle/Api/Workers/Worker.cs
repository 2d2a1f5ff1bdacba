using Kernmantle.Functions;
using Kernmantle.Host;
using Kernmantle.InProcess.Threads;
using Kernmantle.Scheduling;
using Kernmantle.Scheduling.Calls;

namespace Kernmantle;

/// <summary>
/// One function on a thread (<c>OnThread</c>) or in a process of its own (<c>OnProcess</c>), behind one handle: create it
/// with its arguments, start it, join it. Thread-safe. A failure is logged when it happens and thrown by
/// <see cref="WorkerExit.ThrowIfFailed"/> and <see cref="Worker{T}.Result"/>.
/// </summary>
public abstract partial class Worker
{
    private protected Worker(string name, IReadOnlyList<object?> arguments)
    {
        Name = name;
        Arguments = arguments;
    }

    /// <summary>The name given to it.</summary>
    public string Name { get; }

    /// <summary>The arguments its function gets.</summary>
    public IReadOnlyList<object?> Arguments { get; }

    /// <summary>A number unique among the workers of this program.</summary>
    public int Id { get; } = WorkerIds.Next();

    /// <summary>The id of the process it runs in: this one for a thread; null for a process that has not started.</summary>
    public abstract int? ProcessId { get; }

    /// <summary>Where it stands.</summary>
    public abstract WorkerState State { get; }

    /// <summary>Completes with the exit record when the worker has ended, however it ended; never faults.</summary>
    public abstract Task<WorkerExit> Completion { get; }

    /// <summary>Starts it, once.</summary>
    /// <exception cref="InvalidOperationException">It was started before.</exception>
    public abstract void Start();

    /// <summary>Cancels its <see cref="WorkerContext.StoppingToken"/>, and the token its function takes. Does not wait.</summary>
    public abstract void RequestStop();

    /// <summary>Ends it at once. Does not wait; does nothing if it has ended.</summary>
    /// <exception cref="NotSupportedException">It is a thread.</exception>
    public abstract void Kill();

    /// <summary>Waits until it has ended.</summary>
    /// <exception cref="InvalidOperationException">It was not started.</exception>
    public WorkerExit Join() => Started().GetAwaiter().GetResult();

    /// <summary>Waits until it has ended, but not longer than <paramref name="timeout"/>.</summary>
    /// <returns>The exit record; null if it has not ended.</returns>
    /// <exception cref="InvalidOperationException">It was not started.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="timeout"/> is negative, or longer than some 24 days.</exception>
    public WorkerExit? Join(TimeSpan timeout) => timeout != Timeout.InfiniteTimeSpan && (timeout < TimeSpan.Zero || timeout.TotalMilliseconds > int.MaxValue)
        ? throw new ArgumentOutOfRangeException(nameof(timeout), timeout, "A time to wait for is from 0 to some 24 days, or Timeout.InfiniteTimeSpan.")
        : Started().Wait(timeout) ? Completion.Result : null;

    /// <inheritdoc/>
    public override string ToString() => $"{Name} #{Id} ({State})";

    private Task<WorkerExit> Started() => State == WorkerState.Created
        ? throw new InvalidOperationException($"Worker {Name} was not started: joining it would wait for ever. Call Start first.")
        : Completion;

    private static SingleThreadWorker<TArgs, TResult> ThreadCore<TArgs, TResult>(string name, Delegate function, FunctionShape shape, TArgs arguments, object?[] list, ThreadWorkerOptions? options)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(function);
        AwaitableResult<TResult>.ThrowIfRefused();
        ArgumentOutOfRangeException.ThrowIfNegative(options?.StackSizeBytes ?? 0);
        return new(name, new ValueCall<TArgs, TResult>(function, shape, arguments, null, new() { Name = name }, default), list, options ?? new());
    }

    private static SingleProcessWorker<TArgs, TResult> ProcessCore<TArgs, TResult>(string name, Delegate function, FunctionShape shape, TArgs arguments, object?[] list, ProcessWorkerOptions? options)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(function);
        AwaitableResult<TResult>.ThrowIfRefused();
        options?.Validate();
        return new(name, new ValueCall<TArgs, TResult>(function, shape, arguments, null, new() { Name = name }, default), list, options ?? new());
    }
}

/// <summary>A worker whose function returns a value.</summary>
/// <typeparam name="T">The type of the value.</typeparam>
public abstract class Worker<T> : Worker
{
    private protected Worker(string name, IReadOnlyList<object?> arguments)
        : base(name, arguments)
    {
    }

    /// <summary>Waits for the worker's end and returns what its function returned.</summary>
    /// <exception cref="WorkerException">It failed: the typed failure that says why.</exception>
    /// <exception cref="InvalidOperationException">It was not started.</exception>
    public T Result
    {
        get
        {
            Join().ThrowIfFailed();
            return Value;
        }
    }

    private protected abstract T Value { get; }
}
