using Kernmantle.Tests.Hosting;

namespace Kernmantle.Hosting.Tests.Web;

/// <summary>A web service of one file.</summary>
[SecondStage]
public sealed class FileBasedTests : IDisposable
{
    private const string Program = """
        WebApplicationBuilder builder = WebApplication.CreateBuilder(args);
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddKernmantle().AddProcessPool();
        WebApplication app = builder.Build();
        app.MapGet("/", async (Kernmantle.WorkerPool pool) => (await pool.RunAsync(static () => Environment.ProcessId)) == Environment.ProcessId ? "here" : "in a worker");
        await app.StartAsync();
        using var client = new HttpClient();
        Console.WriteLine($"PROBE {await client.GetStringAsync(app.Urls.First())}, {app.Services.GetRequiredService<Kernmantle.WorkerPool>().WorkerCount} workers");
        await app.StopAsync();
        Console.WriteLine($"PROBE {app.Services.GetRequiredService<Kernmantle.WorkerPool>().State}");
        """;

    private readonly string folder = Directory.CreateTempSubdirectory("kernmantle-file-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task It_works_and_reads_its_configuration()
    {
        string file = Path.Combine(folder, "app.cs");
        await File.WriteAllTextAsync(file, $"#:sdk Microsoft.NET.Sdk.Web\n#:project {Path.Combine(Programs.Root, "src", "Kernmantle.Hosting", "Kernmantle.Hosting.csproj")}\n{Program}");
        (int exit, string text) = await Programs.RunAsync("dotnet", ["run", file], folder, new Dictionary<string, string> { ["Kernmantle__Pools__default__Workers"] = "3" });
        Assert.True(exit == 0, text);
        Assert.Contains("PROBE in a worker, 3 workers", text, StringComparison.Ordinal);
        Assert.Contains("PROBE Disposed", text, StringComparison.Ordinal);
    }
}
