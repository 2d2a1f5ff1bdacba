namespace Kernmantle.Host.Lane.Rings;

/// <summary>Whether the connection with one worker still is, and why it ends. Thread-safe.</summary>
internal sealed class LaneEnd
{
    private readonly TaskCompletionSource<Exception?> reason = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool closed;
    private volatile bool workerHasEnded;

    /// <summary>Held while something is sent, and while the end is made: who holds it, and finds the connection open, has the memory.</summary>
    public Lock Gate { get; } = new();

    /// <summary>No more frames, either way. Set under <see cref="Gate"/>.</summary>
    public bool IsClosed => closed;

    /// <summary>It ends, or has ended: nothing is taken any more.</summary>
    public bool IsDecided => reason.Task.IsCompleted;

    /// <summary>Completes when the connection is to end: with what the worker did wrong, or null.</summary>
    public Task<Exception?> Reason => reason.Task;

    /// <summary>The process is dead: what it wrote still counts.</summary>
    public bool WorkerHasEnded
    {
        get => workerHasEnded;
        set => workerHasEnded = value;
    }

    /// <summary>Ends the connection for what the worker wrote.</summary>
    public void Fail(Exception violation) => reason.TrySetResult(violation);

    /// <summary>Under <see cref="Gate"/>.</summary>
    public void Close()
    {
        closed = true;
        reason.TrySetResult(null);
    }
}
