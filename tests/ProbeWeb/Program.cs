// An ASP.NET program that serves one request from a worker process, asks itself for it, and ends.
using Kernmantle;

if (Environment.GetEnvironmentVariable("PROBE_MAIN_COUNT") is { } count)
    File.AppendAllText(Path.Combine(count, $"{Environment.ProcessId}"), "in\n");

WebApplicationBuilder builder = WebApplication.CreateBuilder(args);
builder.WebHost.UseUrls("http://127.0.0.1:0");
builder.Logging.ClearProviders();
await using WebApplication app = builder.Build();
await using WorkerPool pool = WorkerPool.Processes(1);
app.MapGet("/pid", () => pool.RunAsync(static () => (Environment.ProcessId, System.Runtime.GCSettings.IsServerGC)).ContinueWith(
    static t => $"{t.Result.ProcessId} {t.Result.IsServerGC}", TaskScheduler.Default));
await app.StartAsync();
using var client = new HttpClient();
string[] answer = (await client.GetStringAsync(new Uri(app.Urls.First() + "/pid"))).Split(' ');
Console.WriteLine($"PROBE from web {answer[0] != Environment.ProcessId.ToString(System.Globalization.CultureInfo.InvariantCulture)} server GC in worker: {answer[1]}");
await app.StopAsync();
