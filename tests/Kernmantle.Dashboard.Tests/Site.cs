using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Kernmantle.Dashboard.Tests;

/// <summary>A program with a dashboard, on a port of its own, and a pool whose name no other test has.</summary>
internal sealed class Site : IAsyncDisposable
{
    public const string Readers = "readers", Operators = "operators";

    /// <summary>Who asks says who it is.</summary>
    public const string UserHeader = "Test-User";

    private readonly WebApplication app;

    private Site(WebApplication app) => this.app = app;

    public string Name { get; } = $"site-{Guid.NewGuid():N}"[..16];

    public HttpClient Client { get; } = new();

    public string Address => app.Urls.Single().Replace("0.0.0.0", "127.0.0.1", StringComparison.Ordinal);

    public string Page => $"{Address}/kernmantle";

    public RecordList Records { get; private init; } = new();

    /// <param name="options">Of the dashboard.</param>
    /// <param name="configure">What is said of its endpoints.</param>
    /// <param name="url">Where it listens.</param>
    /// <param name="before">Runs before the endpoints.</param>
    /// <param name="within">Makes the group that it is mapped in.</param>
    public static async Task<Site> StartAsync(DashboardOptions? options = null, Action<IEndpointConventionBuilder>? configure = null, string url = "http://127.0.0.1:0", Func<HttpContext, Task>? before = null, Func<WebApplication, IEndpointRouteBuilder>? within = null)
    {
        var records = new RecordList();
        WebApplication app = Create(records);
        app.Urls.Add(url);
        if (before is not null)
        {
            app.Use(async (context, next) =>
            {
                await before(context);
                await next(context);
            });
        }
        IEndpointConventionBuilder endpoints = (within?.Invoke(app) ?? app).MapKernmantle(options: options);
        configure?.Invoke(endpoints);
        await app.StartAsync();
        return new(app) { Records = records };
    }

    public static WebApplication Create(RecordList? records = null)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        if (records is not null)
            builder.Logging.AddProvider(records);
        builder.Services.AddAuthentication("test").AddScheme<AuthenticationSchemeOptions, WhoAsks>("test", null);
        builder.Services.AddAuthorizationBuilder()
            .AddPolicy(Readers, static policy => policy.RequireAuthenticatedUser())
            .AddPolicy(Operators, static policy => policy.RequireUserName("olga"));
        return builder.Build();
    }

    public Task StopAsync() => app.StopAsync();

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await app.StopAsync();
        await app.DisposeAsync();
    }

    private sealed class WhoAsks(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory loggers, UrlEncoder encoder) : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
    {
        protected override Task<AuthenticateResult> HandleAuthenticateAsync()
        {
            string? name = Request.Headers[UserHeader].ToString() is { Length: > 0 } header ? header : Request.Cookies[UserHeader];
            return Task.FromResult(name is null
                ? AuthenticateResult.NoResult()
                : AuthenticateResult.Success(new(new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.Name, name)], "test")), "test")));
        }
    }
}

/// <summary>The records of a site's own log.</summary>
internal sealed class RecordList : ILoggerProvider, ILogger
{
    private readonly List<(int Id, LogLevel Level, string Text)> records = [];

    public IReadOnlyList<(int Id, LogLevel Level, string Text)> All
    {
        get
        {
            lock (records)
                return [.. records];
        }
    }

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        lock (records)
            records.Add((eventId.Id, logLevel, formatter(state, exception)));
    }

    public void Dispose()
    {
    }
}
