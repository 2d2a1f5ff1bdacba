using Kernmantle.Python;
using Microsoft.Extensions.DependencyInjection;

namespace Kernmantle.Hosting.Pools;

/// <summary>What is found in the place of a pool that there is not: an error that says which there are.</summary>
internal static class UnknownPool
{
    public static void AddTo(IServiceCollection services)
    {
        services.AddKeyedSingleton<WorkerPool>(KeyedService.AnyKey, static (services, key) => throw Failure<WorkerPool>(services, key, nameof(KernmantleBuilder.AddProcessPool)));
        services.AddKeyedSingleton<PythonPool>(KeyedService.AnyKey, static (services, key) => throw Failure<PythonPool>(services, key, nameof(KernmantleBuilder.AddPythonPool)));
    }

    private static InvalidOperationException Failure<TPool>(IServiceProvider services, object? key, string adds) => new(
        $"There is no {typeof(TPool).Name} named '{key}'. {services.GetRequiredService<PoolList>().Names}. Ask for one of them, or add it: services.AddKernmantle().{adds}(\"{key}\").");
}
