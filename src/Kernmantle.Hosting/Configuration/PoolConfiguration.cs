using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Kernmantle.Hosting.Configuration;

/// <summary>What the host's configuration says of a pool, over what code says.</summary>
internal sealed class PoolConfiguration<TOptions>(string name, IServiceProvider services) : IPostConfigureOptions<HostedPoolOptions<TOptions>>
    where TOptions : WorkerPoolOptions, new()
{
    public void PostConfigure(string? ofName, HostedPoolOptions<TOptions> options)
    {
        if (ofName != name || options.Pool is null || PoolSections.Of(services, name) is not IConfigurationSection section)
            return;
        options.Pool = OptionsCopy.Of(options.Pool);
        new OptionsBinder(options.Problems).Bind(section, options, options.Pool);
    }
}
