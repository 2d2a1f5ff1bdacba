using System.Reflection;
using Microsoft.Extensions.DependencyInjection;

namespace Kernmantle.Hosting.Pools;

/// <summary>The pools of a host, known while its services are added.</summary>
internal sealed class PoolList(IServiceCollection services)
{
    private readonly List<HostedPool> pools = [];

    public IReadOnlyList<HostedPool> All => pools;

    /// <exception cref="ArgumentException">No pool can be added by that name.</exception>
    public void EnsureFree(string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        if (name.Contains(':'))
            throw new ArgumentException($"The name of a pool is a part of a path in the configuration, whose parts colons separate: '{name}' has one. Leave it out.", nameof(name));
        if (Find(name) is { } other)
            throw new ArgumentException($"There is already a pool named '{other.Name}'. Names are unique among all kinds of pools, whatever their case: give one of the two another name.", nameof(name));
    }

    public void Add(HostedPool pool) => pools.Add(pool);

    /// <summary>By its name in any case, as keys of a configuration are.</summary>
    public HostedPool? Find(string name) => pools.Find(pool => pool.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    /// <summary>What is there instead of the one that was looked for.</summary>
    public string Names => pools.Count == 0 ? "There are none" : $"There are: {string.Join(", ", pools.Select(static p => $"{p.Name} ({p.Type.Name})"))}";

    /// <summary>The services whose constructors ask for a pool that there is not, each with what is wrong: their first request would fail otherwise.</summary>
    public IEnumerable<string> MissingOnes() =>
        from service in services
        let type = service.IsKeyedService ? service.KeyedImplementationType : service.ImplementationType
        where type is not null
        from constructor in type.GetConstructors()
        from parameter in constructor.GetParameters()
        where pools.Exists(p => p.Type == parameter.ParameterType)
        from asked in parameter.GetCustomAttributes<FromKeyedServicesAttribute>()
        where asked.Key is string && !services.Any(s => s.IsKeyedService && s.ServiceType == parameter.ParameterType && asked.Key.Equals(s.ServiceKey))
        select $"The constructor of {type} asks for the {parameter.ParameterType.Name} '{asked.Key}', which there is not. {Names}. Names are compared with their case.";
}
