using Kernmantle.Hosting.Configuration;
using Kernmantle.Hosting.Health;
using Kernmantle.Hosting.Pools;
using Kernmantle.Python;
using Kernmantle.Scheduling;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace Kernmantle.Hosting;

/// <summary>Adds pools to the services of a host: <see cref="KernmantleServiceCollectionExtensions.AddKernmantle"/>.</summary>
/// <remarks>
/// <para>
/// A pool with a name is a keyed service, <c>[FromKeyedServices("parsers")] WorkerPool pool</c>; one that is added without a name is the host's <see cref="WorkerPool"/> (its
/// <see cref="PythonPool"/>), and is called <see cref="DefaultName"/> (<see cref="DefaultPythonName"/>). Names are unique among all kinds, whatever their case.
/// </para>
/// <para>
/// What code says of a pool holds where the host's configuration, in the section <c>Kernmantle:Pools:&lt;name&gt;</c>, says nothing else: its keys are those of
/// <see cref="HostedPoolOptions{TOptions}"/> and of the pool's own options. All of it is checked at start, and a mistake is told with its path.
/// </para>
/// <para>Each pool has a health check of the name <c>kernmantle:&lt;name&gt;</c> and with the tag <c>kernmantle</c>.</para>
/// </remarks>
public sealed class KernmantleBuilder
{
    /// <summary>What the <see cref="WorkerPool"/> is called that is added without a name.</summary>
    public const string DefaultName = "default";

    /// <summary>What the <see cref="PythonPool"/> is called that is added without a name.</summary>
    public const string DefaultPythonName = "python";

    private readonly PoolList pools;

    internal KernmantleBuilder(IServiceCollection services, PoolList pools) => (Services, this.pools) = (services, pools);

    /// <summary>The host's services.</summary>
    public IServiceCollection Services { get; }

    /// <summary>Adds a pool of processes: <see cref="WorkerPool.Processes"/>.</summary>
    /// <param name="name">Its name, and its key; if left out, it is the host's <see cref="WorkerPool"/>.</param>
    /// <param name="configure">What code says of it.</param>
    /// <exception cref="ArgumentException">The name is empty, has a colon, or is another pool's.</exception>
    public KernmantleBuilder AddProcessPool(string name = DefaultName, Action<HostedPoolOptions<ProcessPoolOptions>>? configure = null) =>
        Add(name, configure, static (workers, options) => WorkerPool.Processes(workers, options), static pool => pool.Scheduler);

    /// <summary>Adds the host's <see cref="WorkerPool"/>: processes.</summary>
    /// <inheritdoc cref="AddProcessPool(string, Action{HostedPoolOptions{ProcessPoolOptions}})"/>
    public KernmantleBuilder AddProcessPool(Action<HostedPoolOptions<ProcessPoolOptions>> configure) => AddProcessPool(DefaultName, configure);

    /// <summary>Adds a pool of threads: <see cref="WorkerPool.Threads"/>.</summary>
    /// <inheritdoc cref="AddProcessPool(string, Action{HostedPoolOptions{ProcessPoolOptions}})"/>
    public KernmantleBuilder AddWorkerThreads(string name = DefaultName, Action<HostedPoolOptions<ThreadWorkerPoolOptions>>? configure = null) =>
        Add(name, configure, static (workers, options) => WorkerPool.Threads(workers, options), static pool => pool.Scheduler);

    /// <summary>Adds the host's <see cref="WorkerPool"/>: threads.</summary>
    /// <inheritdoc cref="AddProcessPool(string, Action{HostedPoolOptions{ProcessPoolOptions}})"/>
    public KernmantleBuilder AddWorkerThreads(Action<HostedPoolOptions<ThreadWorkerPoolOptions>> configure) => AddWorkerThreads(DefaultName, configure);

    /// <summary>Adds a pool of Python interpreters.</summary>
    /// <param name="name">Its name, and its key; if left out, it is the host's <see cref="PythonPool"/>.</param>
    /// <param name="configure">What code says of it.</param>
    /// <exception cref="ArgumentException">The name is empty, has a colon, or is another pool's.</exception>
    public KernmantleBuilder AddPythonPool(string name = DefaultPythonName, Action<HostedPoolOptions<PythonPoolOptions>>? configure = null) =>
        Add(name, configure, static (workers, options) => new PythonPool(workers, options), static pool => pool.Scheduler);

    /// <summary>Adds the host's <see cref="PythonPool"/>.</summary>
    /// <inheritdoc cref="AddPythonPool(string, Action{HostedPoolOptions{PythonPoolOptions}})"/>
    public KernmantleBuilder AddPythonPool(Action<HostedPoolOptions<PythonPoolOptions>> configure) => AddPythonPool(DefaultPythonName, configure);

    private KernmantleBuilder Add<TPool, TOptions>(string name, Action<HostedPoolOptions<TOptions>>? configure, Func<int, TOptions, TPool> make, Func<TPool, Scheduler> scheduler)
        where TPool : class
        where TOptions : WorkerPoolOptions, new()
    {
        pools.EnsureFree(name);
        var pool = new HostedPool<TPool, TOptions>(name, make, scheduler);
        pools.Add(pool);
        if (configure is not null)
            Services.Configure(name, configure);
        Services.AddSingleton<IPostConfigureOptions<HostedPoolOptions<TOptions>>>(services => new PoolConfiguration<TOptions>(name, services));
        Services.AddSingleton<IValidateOptions<HostedPoolOptions<TOptions>>>(services => new PoolCheck<TOptions>(name, services));
        Services.AddOptions<HostedPoolOptions<TOptions>>(name).ValidateOnStart();
        Services.AddKeyedSingleton(name, (services, _) => pool.Make(services));
        if (name == (typeof(TPool) == typeof(PythonPool) ? DefaultPythonName : DefaultName))
            Services.AddSingleton(services => services.GetRequiredKeyedService<TPool>(name));
        Services.AddHealthChecks().Add(new HealthCheckRegistration($"kernmantle:{name}", services => new PoolHealthCheck(pool, services), null, ["kernmantle"]));
        return this;
    }
}
