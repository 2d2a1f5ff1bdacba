using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Kernmantle.Hosting.Tests;

/// <summary>Hosts as programs make them, and what tests ask of them.</summary>
internal static class Hosts
{
    public static readonly TimeSpan Deadline = TimeSpan.FromMinutes(1);

    /// <summary>A host whose configuration is nothing but this.</summary>
    public static IHost Create(Action<IServiceCollection> add, params ReadOnlySpan<(string Key, string? Value)> configuration)
    {
        HostApplicationBuilder builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(new() { DisableDefaults = true });
        var values = new Dictionary<string, string?>();
        foreach ((string key, string? value) in configuration)
            values[key] = value;
        builder.Configuration.AddInMemoryCollection(values);
        builder.Services.AddLogging(static logging => logging.ClearProviders());
        add(builder.Services);
        return builder.Build();
    }

    public static WorkerPool Pool(this IHost host, string name) => host.Services.GetRequiredKeyedService<WorkerPool>(name);

    public static async Task<HealthReportEntry> HealthAsync(this IHost host, string pool) =>
        (await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync()).Entries[$"kernmantle:{pool}"];

    public static Task UntilAsync(Func<Task<bool>> condition, string what) => Contracts.Waiting.Until(condition, what, Deadline);
}
