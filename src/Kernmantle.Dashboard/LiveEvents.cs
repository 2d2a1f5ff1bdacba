using System.Text;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;

namespace Kernmantle.Dashboard;

/// <summary>
/// What a page gets while it is open, by server-sent events: first what its reader may do, then snapshots, each with the records since the last. Each page has a loop of its own, which makes
/// nothing as long as what it made before is not taken: a page that is slow, or gone, costs a loop that waits, and that for a while only.
/// </summary>
internal sealed class LiveEvents(Inspector inspector, DashboardOptions options, AuthorizationPolicy? actions, CancellationToken stopping)
{
    /// <summary>Who takes nothing for so long is gone.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private int viewers;

    public async Task StreamAsync(HttpContext context)
    {
        try
        {
            if (Interlocked.Increment(ref viewers) > options.MaxViewers)
                await RefuseAsync(context).ConfigureAwait(false);
            else
                await ShowAsync(context).ConfigureAwait(false);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            context.Abort();   // it went away, or does not read, or the program stops
        }
        catch (ObjectDisposedException) when (stopping.IsCancellationRequested)
        {
            context.Abort();
        }
        finally
        {
            Interlocked.Decrement(ref viewers);
        }
    }

    private async Task ShowAsync(HttpContext context)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
        using IDisposable look = inspector.Look();
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        context.Response.ContentType = "text/event-stream";
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers["X-Accel-Buffering"] = "no";   // a proxy in front shall hand it on at once
        bool mayAct = await MayActAsync(context).ConfigureAwait(false);
        await SendAsync(context, "retry: 1000\nevent: access\ndata: "u8, Encoding.UTF8.GetBytes(mayAct ? """{"actions":true}""" : """{"actions":false}"""), ending.Token).ConfigureAwait(false);
        using var timer = new PeriodicTimer(options.Interval);
        long shown = 0;
        do
        {
            ProgramSnapshot snapshot = inspector.Take(shown);
            shown = snapshot.Log is [.., var last] ? last.Number : shown;
            await SendAsync(context, "data: "u8, snapshot.ToJson(), ending.Token).ConfigureAwait(false);
        }
        while (await timer.WaitForNextTickAsync(ending.Token).ConfigureAwait(false));
    }

    private static Task SendAsync(HttpContext context, ReadOnlySpan<byte> head, byte[] data, CancellationToken ending)
    {
        byte[] whole = [.. head, .. data, .. "\n\n"u8];
        return SendAsync(context, whole, ending);
    }

    private static async Task SendAsync(HttpContext context, byte[] whole, CancellationToken ending)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ending);
        patience.CancelAfter(Patience);
        await context.Response.Body.WriteAsync(whole, patience.Token).ConfigureAwait(false);
        await context.Response.Body.FlushAsync(patience.Token).ConfigureAwait(false);
    }

    private async Task<bool> MayActAsync(HttpContext context)
    {
        if (actions is null)
            return false;
        var evaluator = context.RequestServices.GetRequiredService<IPolicyEvaluator>();
        var who = await evaluator.AuthenticateAsync(actions, context).ConfigureAwait(false);
        return (await evaluator.AuthorizeAsync(actions, who, context, resource: null).ConfigureAwait(false)).Succeeded;
    }

    private Task RefuseAsync(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync($"{options.MaxViewers} pages are open already. Close one, or raise {nameof(DashboardOptions)}.{nameof(DashboardOptions.MaxViewers)}.", context.RequestAborted);
    }
}
