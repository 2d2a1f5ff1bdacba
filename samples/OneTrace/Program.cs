// One request that calls a worker process, a Python process, and a worker that dies: one trace, collected by OpenTelemetry's SDK in this process, and printed as a tree.
using System.Diagnostics;
using Kernmantle;
using Kernmantle.Python;
using OneTrace;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

var spans = new List<Activity>();
var metrics = new List<Metric>();
WebApplicationBuilder builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
builder.WebHost.UseUrls("http://127.0.0.1:0");
builder.Logging.ClearProviders();
builder.Services.AddOpenTelemetry()
    .WithTracing(tracing => tracing.AddAspNetCoreInstrumentation().AddSource(KernmantleTelemetry.Name, Work.Source.Name, "one_trace").AddInMemoryExporter(spans))
    .WithMetrics(measuring => measuring.AddMeter(KernmantleTelemetry.Name).AddInMemoryExporter(metrics));
await using WebApplication app = builder.Build();

WorkerPool pool = WorkerPool.Processes(1);
PythonPool python = new(1, new() { ModulePaths = [AppContext.BaseDirectory] });
app.MapGet("/words", async (string text, CancellationToken token) =>
{
    string clean = await pool.With(new() { Name = "clean" }).RunAsync(Work.Clean, text, token);
    int words = await python.CallAsync<int>("one_trace:count", PythonArguments.Of(clean), cancellationToken: token);
    try
    {
        await pool.With(new() { Name = "crash" }).RunAsync(Work.Crash, token);
    }
    catch (WorkerCrashedException e)
    {
        return $"{words} words, and a worker that ended: {e.Reason}";
    }
    return "The worker lives?";
});

await app.StartAsync();
using (var client = new HttpClient { BaseAddress = new Uri(app.Urls.First()) })
    Console.WriteLine(await client.GetStringAsync(new Uri("/words?text=one,%20two,%20three", UriKind.Relative)));
await app.StopAsync();
app.Services.GetRequiredService<MeterProvider>().ForceFlush();   // while there are workers to measure
await python.DisposeAsync();
await pool.DisposeAsync();   // what has ended until then has been told
app.Services.GetRequiredService<TracerProvider>().ForceFlush();
SpanTree.Write(spans, Console.Out);
foreach (string name in metrics.Select(static m => m.Name).Distinct().Order(StringComparer.Ordinal))
    Console.WriteLine($"measured: {name}");
