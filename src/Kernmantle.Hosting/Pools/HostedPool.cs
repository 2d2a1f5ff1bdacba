using System.Diagnostics.Metrics;
using Kernmantle.Hosting.Configuration;
using Kernmantle.Scheduling;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Kernmantle.Hosting.Pools;

/// <summary>A pool that was added to a host, of whatever kind.</summary>
internal abstract class HostedPool(string name, Type type)
{
    /// <summary>Its name, and its key in the services.</summary>
    public string Name => name;

    /// <summary>As what it is asked for.</summary>
    public Type Type => type;

    /// <summary>What runs its calls; of the pool that the host really has, which may be another one in a test.</summary>
    public abstract Scheduler SchedulerIn(IServiceProvider services);

    /// <summary>What is made ready in its workers.</summary>
    public abstract IEnumerable<Delegate> WarmUpIn(IServiceProvider services);

    /// <summary>When its health is degraded.</summary>
    public abstract (TimeSpan AfterDeath, double NearlyFull) HealthIn(IServiceProvider services);
}

internal sealed class HostedPool<TPool, TOptions>(string name, Func<int, TOptions, TPool> make, Func<TPool, Scheduler> scheduler) : HostedPool(name, typeof(TPool))
    where TPool : class
    where TOptions : WorkerPoolOptions, new()
{
    public override Scheduler SchedulerIn(IServiceProvider services) => scheduler(services.GetRequiredKeyedService<TPool>(Name));

    public override IEnumerable<Delegate> WarmUpIn(IServiceProvider services) => OptionsIn(services).WarmUp;

    public override (TimeSpan AfterDeath, double NearlyFull) HealthIn(IServiceProvider services)
    {
        HostedPoolOptions<TOptions> options = OptionsIn(services);
        return (options.DegradedAfterDeath, options.NearlyFull);
    }

    /// <exception cref="OptionsValidationException">The configuration or the code say what cannot be, on this machine at least.</exception>
    public TPool Make(IServiceProvider services)
    {
        HostedPoolOptions<TOptions> options = OptionsIn(services);
        try
        {
            return make(options.Workers, Adopted(options.Pool, services));
        }
        catch (Exception e) when (Mistakes.Tell(e, services, Name) is { } told)
        {
            throw new OptionsValidationException(Name, typeof(HostedPoolOptions<TOptions>), [told]);
        }
    }

    private HostedPoolOptions<TOptions> OptionsIn(IServiceProvider services) => services.GetRequiredService<IOptionsMonitor<HostedPoolOptions<TOptions>>>().Get(Name);

    /// <summary>With the name, and, where the options say nothing else, the log, the meters and the clock of the host.</summary>
    private TOptions Adopted(TOptions options, IServiceProvider services)
    {
        TOptions own = OptionsCopy.Of(options);
        OptionsCopy.Set(own, nameof(own.Name), Name);
        OptionsCopy.Set(own, nameof(own.LoggerFactory), own.LoggerFactory ?? services.GetService<ILoggerFactory>());
        OptionsCopy.Set(own, nameof(own.MeterFactory), own.MeterFactory ?? services.GetService<IMeterFactory>());
        if (ReferenceEquals(own.TimeProvider, TimeProvider.System))
            OptionsCopy.Set(own, nameof(own.TimeProvider), services.GetService<TimeProvider>() ?? TimeProvider.System);
        return own;
    }
}
