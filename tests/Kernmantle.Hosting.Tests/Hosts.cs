using System.Text;
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
        var values = new Dictionary<string, string?>();
        foreach ((string key, string? value) in configuration)
            values[key] = value;
        return Create(add, c => c.AddInMemoryCollection(values));
    }

    /// <summary>A host whose configuration is that file.</summary>
    public static IHost CreateFromJson(Action<IServiceCollection> add, string json) =>
        Create(add, c => c.AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(json))));

    private static IHost Create(Action<IServiceCollection> add, Action<IConfigurationBuilder> configure)
    {
        HostApplicationBuilder builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(new() { DisableDefaults = true });
        configure(builder.Configuration);
        builder.Services.AddLogging(static logging => logging.ClearProviders());
        add(builder.Services);
        return builder.Build();
    }

    public static WorkerPool Pool(this IHost host, string name) => host.Services.GetRequiredKeyedService<WorkerPool>(name);

    public static async Task<HealthReportEntry> HealthAsync(this IHost host, string pool) =>
        (await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync()).Entries[$"kernmantle:{pool}"];

    public static Task UntilAsync(Func<Task<bool>> condition, string what) => Contracts.Waiting.Until(condition, what, Deadline);
}
