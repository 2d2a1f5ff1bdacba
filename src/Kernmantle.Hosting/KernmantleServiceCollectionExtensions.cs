using Kernmantle.Hosting;
using Kernmantle.Hosting.Pools;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Kernmantle in the services of a host.</summary>
public static class KernmantleServiceCollectionExtensions
{
    /// <summary>
    /// Adds what pools of workers need in a host; the pools themselves are added to what is returned. They are ready before the first service of the host
    /// starts, and take calls until the last one has stopped.
    /// </summary>
    /// <param name="services">The host's services.</param>
    /// <returns>A builder, the same for each call with these services.</returns>
    public static KernmantleBuilder AddKernmantle(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        if (services.Select(static s => s.ImplementationInstance).OfType<PoolList>().FirstOrDefault() is { } known)
            return new(services, known);
        var pools = new PoolList(services);
        services.AddSingleton(pools);
        services.AddHostedService<PoolLifetime>();
        UnknownPool.AddTo(services);
        return new(services, pools);
    }
}
