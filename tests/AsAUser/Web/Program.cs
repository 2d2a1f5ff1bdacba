// An ASP.NET Core service whose requests run in workers, with the request's token and a timeout. A tenth of the requests kills its worker.
using System.Net;
using Kernmantle;

const int Requests = 400, Together = 16;
var builder = WebApplication.CreateSlimBuilder();
builder.WebHost.UseUrls("http://127.0.0.1:0");
builder.Logging.ClearProviders();
await using WebApplication app = builder.Build();
await using WorkerPool pool = WorkerPool.Processes(2, new() { RestartLimit = int.MaxValue, Spares = 1, Limits = new() { WallTime = TimeSpan.FromSeconds(30) } });
app.MapGet("/square/{n:int}", async (int n, CancellationToken aborted) =>
{
    try
    {
        return Results.Ok(await pool.RunAsync(static n => n % 10 == 3 ? Die(n) : n * n, n, aborted));
    }
    catch (WorkerCrashedException crash) when (crash.ExitCode == 3)
    {
        return Results.UnprocessableEntity();
    }
});
await app.StartAsync();
using var client = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
int right = 0, refused = 0;
await Parallel.ForEachAsync(Enumerable.Range(0, Requests), new ParallelOptions { MaxDegreeOfParallelism = Together }, async (n, token) =>
{
    using HttpResponseMessage answer = await client.GetAsync($"/square/{n}", token);
    if (answer.StatusCode == HttpStatusCode.UnprocessableEntity && n % 10 == 3)
        Interlocked.Increment(ref refused);
    else if (await answer.Content.ReadAsStringAsync(token) == $"{n * n}")
        Interlocked.Increment(ref right);
});
Console.WriteLine($"{right} answered, {refused} refused, {Requests - right - refused} lost");
return right == Requests - Requests / 10 && refused == Requests / 10 ? 0 : 1;

static int Die(int code)
{
    Environment.Exit(3);
    return code;
}
