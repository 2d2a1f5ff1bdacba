using Kernmantle.Logging;
using Kernmantle.Logging.Events;
using Kernmantle.Scheduling.Calls;
using Microsoft.Extensions.Logging;

namespace Kernmantle.Scheduling;

/// <summary>What the two kinds of single worker share: the handle's state, and its one end.</summary>
internal abstract class SingleWorker<TArgs, TResult>(string name, ValueCall<TArgs, TResult> call, IReadOnlyList<object?> arguments, WorkerOptions options)
    : Worker<TResult>(name, arguments)
{
    private readonly TaskCompletionSource<WorkerExit> completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int state;
    private long startedAt;
    private Outcome? outcome;

    public sealed override WorkerState State => (WorkerState)Volatile.Read(ref state);

    public sealed override Task<WorkerExit> Completion => completion.Task;

    private protected ValueCall<TArgs, TResult> Call => call;

    private protected ILogger Log { get; } = new DetachedLogger(options.Loggers, LogCategories.Worker, inline: true);

    private protected sealed override TResult Value => ((Outcome.Valued<TResult>)outcome!).Value;

    public sealed override void Start()
    {
        if (!Move(WorkerState.Created, WorkerState.Running))
            throw new InvalidOperationException($"Worker {Name} was started before. Create a new one to run the function again.");
        startedAt = options.TimeProvider.GetTimestamp();
        Begin();
    }

    private protected abstract void Begin();

    private protected bool Move(WorkerState from, WorkerState to) => Interlocked.CompareExchange(ref state, (int)to, (int)from) == (int)from;

    /// <summary>The worker has ended. The first caller's word counts.</summary>
    private protected void End(Outcome result, WorkerExit exit)
    {
        if (Interlocked.CompareExchange(ref outcome, result, null) is not null)
            return;
        Exception? failure = result.IsCancelled ? new OperationCanceledException($"Worker {Name} was asked to stop, and its function followed.") : result.Failure;
        if (failure is WorkerException known)
            known.WorkerName ??= Name;
        exit.Exception = failure;   // nobody else has it yet
        exit.WallTime = options.TimeProvider.GetElapsedTime(startedAt);
        if (result.Failure is not null)
            CallEvents.SingleWorkerFailed(Log, Name, result.Failure.Message, ProcessId, exit.Reason, exit.ExitCode, exit.Signal, exit.WallTime.TotalMilliseconds);
        Volatile.Write(ref state, (int)WorkerState.Ended);
        completion.SetResult(exit);
    }
}
