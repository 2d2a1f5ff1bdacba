using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace Kernmantle.Dashboard;

/// <summary>What the page's buttons do. Behind a policy; each is logged, with who asked.</summary>
internal sealed class Actions(Inspector inspector, ILogger logger)
{
    /// <summary>A form of another site cannot send it: its own pages only.</summary>
    public const string Header = "Kernmantle-Action";

    private const string Done = "Done.";

    public async Task RunAsync(HttpContext context)
    {
        string action = (string)context.GetRouteValue("action")!, target = context.Request.Query["target"].ToString();
        if (!context.Request.Headers.ContainsKey(Header))
        {
            await AnswerAsync(context, StatusCodes.Status400BadRequest, $"The header {Header} is missing: only the page itself may ask.").ConfigureAwait(false);
            return;
        }
        (int status, string answer) = await TryAsync(action, target, context.RequestAborted).ConfigureAwait(false);
        DashboardEvents.ActionTaken(logger, context.User.Identity?.Name ?? "somebody without a name", OneLine(action), OneLine(target), action == "stacks" && status == StatusCodes.Status200OK ? Done : answer);
        await AnswerAsync(context, status, answer).ConfigureAwait(false);
    }

    private async Task<(int Status, string Answer)> TryAsync(string action, string target, CancellationToken token)
    {
        try
        {
            switch (action)
            {
                case "kill":
                    inspector.KillWorker(target);
                    break;
                case "recycle":
                    inspector.RecycleWorker(target);
                    break;
                case "stacks":
                    return (StatusCodes.Status200OK, await inspector.TakeStacksAsync(target, token).ConfigureAwait(false));
                case "cancel":
                    inspector.CancelCall(NumberOf(target));
                    break;
                case "drain":
                    inspector.DrainPool((int)Math.Min(NumberOf(target), int.MaxValue));
                    break;
                default:
                    return (StatusCodes.Status404NotFound, "There is no such action: kill, recycle, stacks, cancel and drain are.");
            }
            return (StatusCodes.Status200OK, Done);
        }
        catch (ArgumentException e)
        {
            return (StatusCodes.Status400BadRequest, e.Message);
        }
        catch (Exception e) when (e is InvalidOperationException or NotSupportedException)
        {
            return (StatusCodes.Status409Conflict, e.Message);
        }
    }

    private static long NumberOf(string target) => long.TryParse(target, NumberStyles.None, CultureInfo.InvariantCulture, out long number)
        ? number
        : throw new ArgumentException($"'{target}' is no number of a call or a pool.", nameof(target));

    private static string OneLine(string text) => new([.. text.Take(100).Where(static letter => !char.IsControl(letter))]);

    private static Task AnswerAsync(HttpContext context, int status, string answer)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(answer, context.RequestAborted);
    }
}
