using Kernmantle;
using Kernmantle.Dashboard;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Serves Kernmantle's dashboard.</summary>
public static class DashboardEndpoints
{
    /// <summary>
    /// Serves a page that shows what this program's pools do, live. Say who may see it by <c>RequireAuthorization</c> on what is returned; without, it is served to this machine only, and every
    /// other request is refused with the reason. Behind a proxy always say so: one on this machine that adds no header of its own cannot be told from it.
    /// </summary>
    /// <param name="endpoints">The application.</param>
    /// <param name="pattern">Its path, without parameters.</param>
    /// <param name="options">Further options.</param>
    /// <returns>All of its endpoints, for conventions such as <c>RequireAuthorization</c> and <c>RequireHost</c>.</returns>
    /// <remarks>The inspection (<see cref="Inspector"/>) is switched on until the application has stopped. Calls are timed only while a page is open.</remarks>
    /// <exception cref="ArgumentException">The path is none, or an option is out of its range.</exception>
    /// <exception cref="InvalidOperationException">There is no such policy as <see cref="DashboardOptions.ActionPolicy"/>, or no authorization at all.</exception>
    public static IEndpointConventionBuilder MapKernmantle(this IEndpointRouteBuilder endpoints, string pattern = "/kernmantle", DashboardOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentException.ThrowIfNullOrWhiteSpace(pattern);
        if (!pattern.StartsWith('/') || pattern.AsSpan().ContainsAny("{}?#*"))
            throw new ArgumentException($"'{pattern}' is no path: it must begin with a slash, and has no parameters.", nameof(pattern));
        options ??= new();
        options.Validate();
        IServiceProvider services = endpoints.ServiceProvider;
        AuthorizationPolicy? actions = options.ActionPolicy is { } name ? PolicyOf(services, name) : null;

        var lifetime = services.GetRequiredService<IHostApplicationLifetime>();
        ILogger logger = services.GetRequiredService<ILoggerFactory>().CreateLogger("Kernmantle.Dashboard");
        var inspector = Inspector.SwitchOn();
        lifetime.ApplicationStopped.Register(inspector.Dispose);

        RouteGroupBuilder group = endpoints.MapGroup(pattern);
        var access = new Access(pattern);
        var live = new LiveEvents(inspector, options, actions, lifetime.ApplicationStopping);
        group.MapGet("", access.Guard(DashboardPage.ServeAsync));
        group.MapGet("/events", access.Guard(live.StreamAsync));
        group.MapGet("/snapshot", access.Guard(context => SnapshotAsync(inspector, context)));
        if (actions is not null)
            group.MapPost("/actions/{action}", access.Guard(new Actions(inspector, logger).RunAsync)).RequireAuthorization(options.ActionPolicy!);
        group.WithMetadata(access);
        lifetime.ApplicationStarted.Register(() => WarnOfStrangers(services, access, logger));
        return group;
    }

    private static AuthorizationPolicy PolicyOf(IServiceProvider services, string name)
    {
        IAuthorizationPolicyProvider provider = services.GetService<IAuthorizationPolicyProvider>()
            ?? throw new InvalidOperationException($"{nameof(DashboardOptions.ActionPolicy)} is '{name}', and this program has no authorization: call services.AddAuthorization and add that policy.");
        return provider.GetPolicyAsync(name).GetAwaiter().GetResult()
            ?? throw new InvalidOperationException($"There is no authorization policy '{name}', which {nameof(DashboardOptions.ActionPolicy)} names: add it in services.AddAuthorization.");
    }

    /// <summary>The same as the page gets, once.</summary>
    private static Task SnapshotAsync(Inspector inspector, HttpContext context)
    {
        context.Response.ContentType = "application/json";
        context.Response.Headers.CacheControl = "no-store";
        return context.Response.Body.WriteAsync(inspector.Take().ToJson(), context.RequestAborted).AsTask();
    }

    /// <summary>
    /// Other machines reach this program and no policy says which may see the page: they are refused, and it is said why before the first one is. What was said of a group of routes around
    /// the page is known of the endpoints that are served, and not of those that were mapped here.
    /// </summary>
    private static void WarnOfStrangers(IServiceProvider services, Access access, ILogger logger)
    {
        RouteEndpoint[] own = [.. services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().Where(endpoint => endpoint.Metadata.GetMetadata<Access>() == access)];
        string[] open = [.. services.GetService<IServer>()?.Features.Get<IServerAddressesFeature>()?.Addresses.Where(static address => !Access.IsLocal(address)) ?? []];
        if (own.All(static endpoint => Access.HasPolicy(endpoint.Metadata)) || open.Length == 0)
            return;
        string page = own.Select(static endpoint => $"/{endpoint.RoutePattern.RawText?.Trim('/')}").MinBy(static path => path.Length)!;
        DashboardEvents.ServedToThisMachineOnly(logger, page, string.Join(", ", open));
    }
}
