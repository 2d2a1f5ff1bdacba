using Kernmantle.Functions;
using Kernmantle.Scheduling.Calls;

namespace Kernmantle.Scheduling.Objects;

/// <summary>A call that runs in this process, for the calls on objects that it makes. Thread-safe.</summary>
/// <param name="worker">Which runs it.</param>
/// <param name="name">The worker's.</param>
/// <param name="call">It.</param>
/// <param name="invoke">Runs another call in the same worker, as part of this one.</param>
internal sealed class RunningCall(PoolWorker worker, string name, Call call, Func<Call, CancellationToken, ValueTask<Outcome>> invoke)
{
    private readonly bool interleaves = call.Slot?.MaxInterleaved > 1;
    private readonly long instance = call.InstanceId;
    private Turn? turn;
    private volatile bool isOver;

    public string WorkerName => name;

    /// <summary>The call has ended: what goes on of what it began is no part of it.</summary>
    public bool IsOver => isOver;

    /// <summary>What others wait for while it runs; none where its worker takes others meanwhile.</summary>
    public Server Server => Server.Of(worker, interleaves, instance);

    /// <summary>Whether calls on objects there must be part of this one, since nobody else can run them while it does.</summary>
    public bool Occupies(PoolWorker? other) => worker == other && !interleaves;

    /// <summary>Runs a call on an object of the same worker.</summary>
    public Task<Outcome> RunAsync(Call part) =>
        LazyInitializer.EnsureInitialized(ref turn, () => new(instance)).RunAsync(part.InstanceId, () => invoke(part, part.Token).AsTask(), part.Token);

    /// <summary>It has ended; completes when what is part of it has.</summary>
    public ValueTask EndAsync()
    {
        isOver = true;
        CallCircles.Forget(Server);
        return turn?.EndAsync() ?? default;
    }
}

/// <summary>What serves one call at a time, so that others wait for it: a worker, or, where calls interleave, an object; none where nobody has to wait.</summary>
internal readonly record struct Server(PoolWorker? Worker, long Instance)
{
    public static Server Of(PoolWorker? worker, bool interleaves, long instance) =>
        !interleaves ? new(worker, 0) : instance != 0 ? new(worker, instance) : default;

    public bool IsNone => Worker is null;
}
