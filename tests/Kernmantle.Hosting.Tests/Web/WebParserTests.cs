using System.IO.Compression;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;

namespace Kernmantle.Hosting.Tests.Web;

/// <summary>samples/WebParser, in the process of the tests: its workers are the test program, started again.</summary>
public sealed class WebParserTests(WebParserTests.Service service) : IClassFixture<WebParserTests.Service>
{
    private const string Honest = """{"a": [1, 2, 3.5, "x@y.z", true, null]}""";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_honest_file_is_parsed(bool packed)
    {
        (HttpStatusCode status, JsonElement body) = await PostAsync(packed ? Packed(Encoding.UTF8.GetBytes(Honest)) : Encoding.UTF8.GetBytes(Honest));
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal("""{"values":8,"depth":3,"addresses":1,"sum":6.5}""", body.GetRawText());
    }

    [Theory]
    [InlineData("[1,")]
    [InlineData("")]
    [InlineData("\u001f\u008b")]
    public async Task A_file_that_is_none_is_the_client_s_mistake(string text) => Assert.Equal(HttpStatusCode.BadRequest, (await PostAsync(Encoding.Latin1.GetBytes(text))).Status);

    [Fact]
    public async Task A_hostile_file_costs_its_own_request()
    {
        (byte[] File, string Failure)[] hostile =
        [
            (Encoding.UTF8.GetBytes(new string('[', 200_000)), nameof(WorkerCrashedException)),
            (Packed(new byte[400 << 20]), nameof(MemoryLimitException)),
        ];
        Task<(HttpStatusCode Status, JsonElement Body)>[] answers = [.. hostile.Select(h => PostAsync(h.File))];
        for (int i = 0; i < 20; i++)
            Assert.Equal(HttpStatusCode.OK, (await PostAsync(Encoding.UTF8.GetBytes(Honest))).Status);
        foreach ((Task<(HttpStatusCode Status, JsonElement Body)> answer, string failure) in answers.Zip(hostile, static (a, h) => (a, h.Failure)))
            Assert.Equal((HttpStatusCode.UnprocessableEntity, failure), ((await answer).Status, (await answer).Body.GetProperty("title").GetString()));
    }

    [Fact]
    public async Task A_request_that_is_given_up_gives_up_its_worker()
    {
        WorkerPool pool = service.Services.GetRequiredKeyedService<WorkerPool>("parsers");
        long cancelled = pool.Statistics.Cancelled;
        using var source = new CancellationTokenSource();
        Task<(HttpStatusCode Status, JsonElement Body)> answer = PostAsync(Encoding.UTF8.GetBytes($"[\"{new string('a', 40)}!\"]"), source.Token);
        await Hosts.UntilAsync(() => Task.FromResult(pool.Statistics.Running > 0), "It does not run.");
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => answer);
        await Hosts.UntilAsync(() => Task.FromResult(pool.Statistics.Cancelled > cancelled), "The call goes on.");
    }

    [Fact]
    public async Task Health_is_told_with_its_reasons()
    {
        await PostAsync(Encoding.UTF8.GetBytes(new string('[', 200_000)));
        using HttpClient client = service.CreateClient();
        JsonElement health = await client.GetFromJsonAsync<JsonElement>("/health");
        Assert.Equal("Degraded", health.GetProperty("status").GetString());
        JsonElement pool = health.GetProperty("pools").GetProperty("kernmantle:parsers");
        Assert.Contains("died", pool.GetProperty("data").GetProperty("reasons")[0].GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Metrics_tell_of_the_pool_and_its_functions()
    {
        await PostAsync(Encoding.UTF8.GetBytes(Honest));
        using HttpClient client = service.CreateClient();
        string metrics = "";
        await Hosts.UntilAsync(async () => (metrics = await client.GetStringAsync(new Uri("/metrics", UriKind.Relative))).Contains("rpc_client_call_duration_seconds_count", StringComparison.Ordinal), "No call is in the metrics.");
        string[] calls = [.. metrics.Split('\n').Where(static line => line.StartsWith("rpc_client_call_duration_seconds_count", StringComparison.Ordinal))];
        Assert.Contains(calls, static line => line.Contains("kernmantle_pool=\"parsers\"", StringComparison.Ordinal) && line.Contains("rpc_method=\"DocumentParser.Parse\"", StringComparison.Ordinal));
        Assert.Contains("process_memory_usage", metrics, StringComparison.Ordinal);
    }

    /// <summary>Only the service's own test takes the double; the failures are made up, and no process is started.</summary>
    [Fact]
    public async Task A_test_has_the_failures_that_it_wants()
    {
        await using WorkerPool broken = WorkerPool.Inline(options: new() { FailureGenerator = static _ => new QueueFullException(256) });
        await using WebApplicationFactory<Program> factory = service.WithWebHostBuilder(host => host.ConfigureTestServices(services => services.AddKeyedSingleton("parsers", broken)));
        using HttpClient client = factory.CreateClient();
        using HttpResponseMessage answer = await client.PostAsync(new Uri("/parse", UriKind.Relative), new StringContent(Honest));
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "1"), (answer.StatusCode, answer.Headers.GetValues("Retry-After").Single()));
    }

    private async Task<(HttpStatusCode Status, JsonElement Body)> PostAsync(byte[] file, CancellationToken cancellationToken = default)
    {
        using HttpClient client = service.CreateClient();
        using HttpResponseMessage answer = await client.PostAsync(new Uri("/parse", UriKind.Relative), new ByteArrayContent(file), cancellationToken);
        return (answer.StatusCode, await answer.Content.ReadFromJsonAsync<JsonElement>(cancellationToken));
    }

    private static byte[] Packed(byte[] file)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
            gzip.Write(file);
        return packed.ToArray();
    }

    public sealed class Service : WebApplicationFactory<Program>
    {
        protected override void ConfigureWebHost(IWebHostBuilder builder) => builder
            .UseSetting("Logging:LogLevel:Default", "None").UseSetting("Logging:LogLevel:Microsoft.Hosting.Lifetime", "None")
            .UseSetting("Kernmantle:Pools:parsers:Limits:WallTime", "00:01:00").UseSetting("Kernmantle:Pools:parsers:Limits:CpuTime", "00:01:00");
    }
}
