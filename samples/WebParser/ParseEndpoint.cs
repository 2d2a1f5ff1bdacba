using Kernmantle;
using WebParser.Parsing;

namespace WebParser;

/// <summary><c>POST /parse</c>: the file is the body. 200 and what is in it; 400 if it is none; 422 if no parser could end with it; 503 to come again later.</summary>
internal static class ParseEndpoint
{
    public static async Task<IResult> ParseAsync(HttpRequest request, [FromKeyedServices("parsers")] WorkerPool parsers, CancellationToken aborted)
    {
        byte[] file = await ReadAsync(request, aborted);
        try
        {
            return Results.Ok(await parsers.RunAsync(DocumentParser.Parse, file, aborted));
        }
        catch (RemoteException e) when (e.TypeName == typeof(FormatException).FullName)
        {
            return Results.Problem(e.Message, statusCode: StatusCodes.Status400BadRequest, title: "This is no file that can be parsed.");
        }
        catch (Exception e) when (e is WorkerCrashedException or CallTimeoutException or MemoryLimitException or CpuLimitException)
        {
            return Results.Problem(e.Message, statusCode: StatusCodes.Status422UnprocessableEntity, title: e.GetType().Name);
        }
        catch (Exception e) when (e is QueueFullException or PoolBrokenException or ObjectDisposedException)
        {
            request.HttpContext.Response.Headers.RetryAfter = "1";
            return Results.Problem(e.Message, statusCode: StatusCodes.Status503ServiceUnavailable, title: e.GetType().Name);
        }
    }

    public static async Task<IResult> ParseHereAsync(HttpRequest request, CancellationToken aborted)
    {
        try
        {
            return Results.Ok(DocumentParser.Parse(await ReadAsync(request, aborted)));
        }
        catch (FormatException e)
        {
            return Results.Problem(e.Message, statusCode: StatusCodes.Status400BadRequest, title: "This is no file that can be parsed.");
        }
    }

    private static async Task<byte[]> ReadAsync(HttpRequest request, CancellationToken aborted)
    {
        using var file = new MemoryStream((int)Math.Min(request.ContentLength ?? 0, 1 << 20));
        await request.Body.CopyToAsync(file, aborted);
        return file.ToArray();
    }
}
