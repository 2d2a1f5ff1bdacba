namespace Kernmantle.Hosting;

/// <summary>
/// A pool of a host, as its code and then its configuration describe it. Named options: the name is the pool's. Read once, when the pool is made.
/// </summary>
/// <typeparam name="TOptions">The options of the pool's kind.</typeparam>
public sealed class HostedPoolOptions<TOptions>
    where TOptions : WorkerPoolOptions, new()
{
    /// <summary>How many workers; 0 for the processor count.</summary>
    public int Workers { get; set; }

    /// <summary>
    /// Everything else that a pool of this kind can be told; its properties stand beside <see cref="Workers"/> in the configuration. What it leaves out of
    /// <see cref="WorkerPoolOptions.LoggerFactory"/> and <see cref="WorkerPoolOptions.TimeProvider"/> comes from the host, and so does its name.
    /// </summary>
    public TOptions Pool { get; set; } = new();

    /// <summary>Functions that are made ready in all workers before the host starts its services: see <see cref="WorkerPool.WarmAsync"/>. Not for Python.</summary>
    public IList<Delegate> WarmUp { get; } = [];

    /// <summary>How long the pool's health is degraded after a worker died that nobody had asked to; zero for not at all.</summary>
    public TimeSpan DegradedAfterDeath { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>From what part of <see cref="WorkerPoolOptions.QueueCapacity"/> on the queue is nearly full, and the pool's health degraded; above 0, and at most 1.</summary>
    public double NearlyFull { get; set; } = 0.9;

    /// <summary>What the configuration says that cannot be, each with its path.</summary>
    internal List<string> Problems { get; } = [];
}
