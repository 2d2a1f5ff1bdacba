using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace WebParser;

/// <summary>What <c>/health</c> answers: the status, and for each pool why.</summary>
internal static class HealthReports
{
    public static Task WriteAsync(HttpContext context, HealthReport report) => context.Response.WriteAsJsonAsync(
        new
        {
            Status = report.Status.ToString(),
            Pools = report.Entries.ToDictionary(static e => e.Key, static e => new { Status = e.Value.Status.ToString(), e.Value.Description, e.Value.Data }),
        },
        context.RequestAborted);
}
