using System.Net;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;

namespace Kernmantle.Dashboard;

/// <summary>
/// Who is served: whom a policy lets in, which the platform looks after; without a policy this machine only, directly and under its own name, so that neither a proxy that says it is one nor a page of
/// somebody else's in a browser here brings strangers.
/// </summary>
internal sealed class Access(string path)
{
    private static readonly string[] Forwarding = ["Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Original-For", "X-Real-IP"];

    public RequestDelegate Guard(RequestDelegate served) => context => Refusal(context) is { } why ? RefuseAsync(context, why) : served(context);

    /// <summary>The endpoint is behind a policy.</summary>
    public static bool HasPolicy(EndpointMetadataCollection metadata) =>
        metadata.GetMetadata<IAllowAnonymous>() is null && (metadata.GetMetadata<IAuthorizeData>() is not null || metadata.GetMetadata<AuthorizationPolicy>() is not null);

    /// <summary>Only this machine can reach a server at that address.</summary>
    public static bool IsLocal(string address) =>
        address.Contains("://unix:", StringComparison.Ordinal) || (Uri.TryCreate(address.Replace("://+", "://0.0.0.0", StringComparison.Ordinal).Replace("://*", "://0.0.0.0", StringComparison.Ordinal), UriKind.Absolute, out Uri? uri) && uri.IsLoopback);

    private static string? Refusal(HttpContext context)
    {
        if (HasPolicy(context.GetEndpoint()!.Metadata))
            return null;
        ConnectionInfo connection = context.Connection;
        if (connection.RemoteIpAddress is not { } remote || !IPAddress.IsLoopback(remote) || connection.LocalIpAddress is not { } local || !IPAddress.IsLoopback(local))
            return "This request comes from another machine.";
        if (Forwarding.FirstOrDefault(context.Request.Headers.ContainsKey) is { } header)
            return $"This request came through a proxy (it has a header {header}), which may bring it from another machine.";
        string host = context.Request.Host.Host.Trim('[', ']');
        return host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host, out IPAddress? named) && IPAddress.IsLoopback(named))
            ? null
            : "This request names another host than this machine.";
    }

    private Task RefuseAsync(HttpContext context, string why)
    {
        context.Response.StatusCode = StatusCodes.Status403Forbidden;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(
            $"""
            The dashboard is not served here: {why}
            It shows what this program runs, so without a policy it is for this machine only. Say who may see it:

                app.MapKernmantle("{path}").RequireAuthorization("name of a policy");

            or open it on the machine itself, at http://localhost and its port.

            """,
            context.RequestAborted);
    }
}
