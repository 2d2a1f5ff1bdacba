using Kernmantle;
using KernmantleWeb;

WebApplicationBuilder builder = WebApplication.CreateBuilder(args);
// How many workers there are, and what a call may use, stands in appsettings.json; a mistake there fails the start.
builder.Services.AddKernmantle().AddProcessPool("work", static o => o.WarmUp.Add(Work.CountWords));

WebApplication app = builder.Build();
app.MapPost("/words", CountAsync);
app.MapHealthChecks("/health");
app.Run();

// The body crosses to a worker process, and the answer comes back. The request's token reaches the worker.
static async Task<IResult> CountAsync(HttpRequest request, [FromKeyedServices("work")] WorkerPool work, CancellationToken aborted)
{
    using var reader = new StreamReader(request.Body);
    string text = await reader.ReadToEndAsync(aborted);
    try
    {
        return Results.Ok(await work.RunAsync(Work.CountWords, text, aborted));
    }
    catch (Exception e) when (e is WorkerCrashedException or CallTimeoutException or MemoryLimitException)
    {
        return Results.Problem(e.Message, statusCode: StatusCodes.Status422UnprocessableEntity, title: e.GetType().Name);   // this text cost its own request
    }
    catch (Exception e) when (e is QueueFullException or PoolBrokenException or ObjectDisposedException)
    {
        return Results.Problem(e.Message, statusCode: StatusCodes.Status503ServiceUnavailable, title: e.GetType().Name);
    }
}
