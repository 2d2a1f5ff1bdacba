using Kernmantle.Calls;

namespace Kernmantle.Pool;

/// <summary>
/// One incarnation of a worker: runs one call at a time and reports to its <see cref="IWorkerOwner"/>. Members are called by
/// the owner, never under the owner's lock where they run user code.
/// </summary>
internal abstract class PoolWorker : IAsyncDisposable
{
    /// <summary>Starts it; completes when it takes calls.</summary>
    public abstract Task StartAsync(CancellationToken cancellationToken);

    /// <summary>Runs a call. Its begin and end are reported to the owner.</summary>
    public abstract void Dispatch(Call call);

    /// <summary>Cancels the tokens of the call, if it still runs here.</summary>
    public abstract void CancelCall(Call call);

    /// <summary>Ends the worker at once, or, where that cannot be (threads), lets go of it. What it reports later is ignored.</summary>
    public abstract void Kill();

    /// <summary>Whether <see cref="Kill"/> stops the code that runs.</summary>
    public abstract bool CanKill { get; }

    /// <summary>Makes the failure that says why the worker died by itself; null while it has not. Set before it is reported.</summary>
    public virtual Func<Call?, WorkerException>? Death => null;

    /// <summary>Ends an idle worker in order: disposes of its objects first. Kills it after <paramref name="grace"/>.</summary>
    public abstract Task StopAsync(TimeSpan grace);

    /// <summary>Ends it if it has not ended, and waits until nothing of it is left (an abandoned thread excepted).</summary>
    public abstract ValueTask DisposeAsync();
}

/// <summary>Takes the reports of a worker. Thread-safe; reports of a worker that was let go are ignored.</summary>
internal interface IWorkerOwner
{
    /// <summary>The first user instruction comes next. False: do not run it, the call has ended.</summary>
    bool OnBegun(PoolWorker worker, Call call, bool debuggerAttached);

    /// <summary>The worker is done with the call (run or refused) and takes another one. With <paramref name="workerUnfit"/> it must be replaced.</summary>
    void OnFinished(PoolWorker worker, Call call, Outcome outcome, bool workerUnfit = false);

    /// <summary>The worker died. <paramref name="failure"/> makes the failure of the call it had begun, or of its own death if null.</summary>
    void OnLost(PoolWorker worker, Func<Call?, WorkerException> failure);
}
