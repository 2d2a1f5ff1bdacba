// A web service that parses uploaded files in limited worker processes: a file that overflows the parser's stack, fills its memory or keeps it busy for ever costs its own request.
//     curl -d @file.json http://localhost:5080/parse
using Kernmantle;
using OpenTelemetry.Metrics;
using WebParser;
using WebParser.Parsing;

WebApplicationBuilder builder = WebApplication.CreateBuilder(args);
// The rest stands in appsettings.json: how many workers, what a file may use, how long the queue is.
builder.Services.AddKernmantle().AddProcessPool("parsers", static o =>
{
    o.WarmUp.Add(DocumentParser.Parse);
    o.Pool = new() { Retry = ParseRetry.Policy };
});
builder.Services.AddOpenTelemetry().WithMetrics(static metrics => metrics.AddMeter(KernmantleTelemetry.Name).AddAspNetCoreInstrumentation().AddPrometheusExporter());

WebApplication app = builder.Build();
if (app.Configuration.GetValue("ParseHere", false))
    app.MapPost("/parse", ParseEndpoint.ParseHereAsync);   // on the server's own threads: for a comparison, and for honest files only
else
    app.MapPost("/parse", ParseEndpoint.ParseAsync);
app.MapHealthChecks("/health", new() { ResponseWriter = HealthReports.WriteAsync });
app.MapPrometheusScrapingEndpoint();   // /metrics
app.MapKernmantle("/kernmantle");   // what the workers do, live, for this machine; others need a policy
app.Run();
