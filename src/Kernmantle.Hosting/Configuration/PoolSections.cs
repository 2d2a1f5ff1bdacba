using Kernmantle.Hosting.Pools;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Kernmantle.Hosting.Configuration;

/// <summary>Where the configuration of a host speaks of pools.</summary>
internal static class PoolSections
{
    public const string Root = "Kernmantle";

    private const string Pools = "Pools";

    /// <summary>Other packages of this library have theirs beside the pools.</summary>
    private static readonly string[] Others = ["Dashboard"];

    /// <summary>Null where the host has no configuration, or that says nothing of this pool.</summary>
    public static IConfigurationSection? Of(IServiceProvider services, string pool) =>
        services.GetService<IConfiguration>()?.GetSection($"{Root}:{Pools}:{pool}") is { } section && section.Exists() ? section : null;

    /// <summary>What is configured and nobody reads, each with its path.</summary>
    public static IEnumerable<string> UnknownIn(IServiceProvider services, PoolList pools)
    {
        if (services.GetService<IConfiguration>()?.GetSection(Root) is not { } root)
            yield break;
        foreach (IConfigurationSection section in root.GetChildren())
        {
            if (!section.Key.Equals(Pools, StringComparison.OrdinalIgnoreCase) && !Others.Contains(section.Key, StringComparer.OrdinalIgnoreCase))
                yield return $"{section.Path} is not known. Pools stand below {Root}:{Pools}, each under its name.";
        }
        foreach (IConfigurationSection section in root.GetSection(Pools).GetChildren())
        {
            if (pools.Find(section.Key) is null)
                yield return $"{section.Path} is configured, but no pool of that name was added. {pools.Names}. Correct the name, or add the pool: services.AddKernmantle().AddProcessPool(\"{section.Key}\").";
        }
    }
}
