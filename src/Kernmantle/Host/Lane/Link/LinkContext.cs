using Kernmantle.Host.Launch;
using Kernmantle.Host.Logs;
using Kernmantle.Scheduling;
using Kernmantle.Wire;
using Microsoft.Extensions.Logging;

namespace Kernmantle.Host.Lane.Link;

/// <summary>What the parts of one <see cref="ProcessPoolWorker"/> have in common: what it was made with, and the connection, once there is one.</summary>
internal sealed class LinkContext(PoolWorker worker, IWorkerOwner owner, string name, int id, LinkSettings settings)
{
    private volatile bool killed;

    /// <summary>The link, as its owner knows it.</summary>
    public PoolWorker Worker => worker;

    public IWorkerOwner Owner => owner;

    public string Name => name;

    public int Id => id;

    public LinkSettings Settings => settings;

    public ILogger Log => settings.Log;

    /// <summary>Null: the worker is this program.</summary>
    public LinkDialect? Dialect { get; } = settings.Dialect?.Invoke();

    /// <summary>Held while something is sent, or taken, that must fit what was before.</summary>
    public Lock Gate { get; } = new();

    /// <summary>Completes when the worker has answered the greeting; faulted or cancelled if it never will.</summary>
    public TaskCompletionSource Ready { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The owner has ended it: what it still says is of no interest.</summary>
    public bool IsKilled
    {
        get => killed;
        set => killed = value;
    }

    // --- Set while it starts ---

    /// <summary>Null before it is started.</summary>
    public IFrameTransport? Transport { get; set; }

    /// <summary>The same, where it is over shared memory: the worker has a quick way then.</summary>
    public SharedMemoryTransport? Shared { get; set; }

    public WorkerProcess? Process { get; set; }

    public LogSink? Sink { get; set; }

    /// <summary>With a <see cref="Dialect"/>: how its calls are cancelled.</summary>
    public Interruption? Interruption { get; set; }
}
