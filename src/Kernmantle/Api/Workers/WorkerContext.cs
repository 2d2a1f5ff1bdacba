using Kernmantle.Scheduling.Objects;
using Microsoft.Extensions.Logging;

namespace Kernmantle;

/// <summary>What a running call can know of the worker it runs in. Flows with <c>await</c>. Immutable and thread-safe.</summary>
public sealed class WorkerContext
{
    private static readonly AsyncLocal<WorkerContext?> Ambient = new();

    internal WorkerContext(string name, int id, int attempt, ILogger logger, CancellationToken stoppingToken)
    {
        Name = name;
        Id = id;
        Attempt = attempt;
        StoppingToken = stoppingToken;
        Logger = logger;
    }

    /// <summary>The context of the call that runs here; null outside of a worker.</summary>
    public static WorkerContext? Current
    {
        get => Ambient.Value;
        internal set => Ambient.Value = value;
    }

    /// <summary>The name of the worker.</summary>
    public string Name { get; }

    /// <summary>The id of the worker, unique in its host.</summary>
    public int Id { get; }

    /// <summary>Which attempt at the call this is: 1, or more where <see cref="CallOptions.Retry"/> repeats it.</summary>
    public int Attempt { get; }

    /// <summary>Cancelled when the call is cancelled, or its worker is asked to stop. What ignores it is killed after a grace, in a process.</summary>
    public CancellationToken StoppingToken { get; }

    /// <summary>The lock that the call holds in a pool of <see cref="WorkerPool.Exclusive"/>; null in other places.</summary>
    public GlobalLock? GlobalLock { get; internal init; }

    /// <summary>The call itself, where it runs in the process of its pool; null elsewhere.</summary>
    internal RunningCall? Running { get; init; }

    /// <summary>Writes to the host's log, with this worker as scope.</summary>
    public ILogger Logger { get; }
}
