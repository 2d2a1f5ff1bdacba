namespace Kernmantle.Functions;

/// <summary>
/// A call, as those are concerned that it makes on objects of its own worker. Nobody but that worker could run them, and it is busy with this call: so they are part of it, one at a
/// time, and so are those that they make in turn. Thread-safe.
/// </summary>
/// <param name="instance">The object that it is a call on; 0 for none.</param>
internal sealed class Turn(long instance)
{
    private static readonly AsyncLocal<Turn?> Innermost = new();

    private readonly Lock gate = new();

    /// <summary>Completes when none of them runs.</summary>
    private Task last = Task.CompletedTask;

    /// <summary>The call that this one is part of; null for one that is part of none.</summary>
    private Turn? outer;

    private Turn Outermost => outer?.Outermost ?? this;

    /// <summary>Runs a call on that object, when its turn comes. What it runs is user code: it begins on this thread if it can, and goes on where its caller does.</summary>
    /// <exception cref="DeadlockException">It would wait for its own caller, which is a call on that object.</exception>
    public async Task<T> RunAsync<T>(long target, Func<Task<T>> call, CancellationToken cancellationToken)
    {
        Turn caller = Innermost.Value is { } inner && inner.Outermost == this ? inner : this;
        for (Turn? each = caller; each is not null; each = each.outer)
        {
            if (each.OnObject(target))
                throw new DeadlockException("A call on an object calls the same object, and would wait for itself: calls on one object run one at a time. Call a method of the object directly instead.");
        }
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task before;
        lock (caller.gate)
            (before, caller.last) = (caller.last, done.Task);
        try
        {
            await before.ConfigureAwait(true);
            cancellationToken.ThrowIfCancellationRequested();
            Innermost.Value = new(target) { outer = caller };   // until this method returns
            return await call().ConfigureAwait(true);
        }
        finally
        {
            done.SetResult();
        }
    }

    /// <summary>Completes when those that were made so far have ended.</summary>
    public ValueTask EndAsync()
    {
        lock (gate)
            return new(last);
    }

    private bool OnObject(long target) => instance == target;
}
