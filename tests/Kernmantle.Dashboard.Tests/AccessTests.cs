using System.Net;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;

namespace Kernmantle.Dashboard.Tests;

/// <summary>Who sees the page, who is refused, and what they are told.</summary>
public sealed class AccessTests
{
    private static readonly string[] Endpoints = ["", "/events", "/snapshot"];

    [Fact]
    public async Task This_machine_sees_it_without_a_policy()
    {
        await using Site site = await Site.StartAsync();
        HttpResponseMessage page = await site.Client.GetAsync(new Uri(site.Page), TestContext.Current.CancellationToken);
        Assert.Equal((HttpStatusCode.OK, "text/html"), (page.StatusCode, page.Content.Headers.ContentType?.MediaType));
        Assert.Contains("default-src 'none'", string.Join("", page.Headers.GetValues("Content-Security-Policy")), StringComparison.Ordinal);
        ProgramSnapshot shown = ProgramSnapshot.FromJson(await site.Client.GetByteArrayAsync(new Uri($"{site.Page}/snapshot"), TestContext.Current.CancellationToken));
        Assert.Equal(Environment.ProcessId, shown.ProcessId);
        Assert.DoesNotContain(site.Records.All, static record => record.Id is >= 3100 and < 3200);
    }

    [Theory]
    [InlineData("X-Forwarded-For", "10.0.0.1", "proxy")]
    [InlineData("Via", "1.1 proxy", "proxy")]
    [InlineData("Host", "evil.example", "names another host")]
    [InlineData("Host", "10.0.0.1", "names another host")]
    public async Task Without_a_policy_what_may_come_from_elsewhere_is_refused(string header, string value, string why)
    {
        await using Site site = await Site.StartAsync();
        foreach (string endpoint in Endpoints)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, site.Page + endpoint);
            request.Headers.Add(header, value);
            await AssertRefusedAsync(await site.Client.SendAsync(request, TestContext.Current.CancellationToken), why);
        }
    }

    [Fact]
    public async Task Without_a_policy_other_machines_are_refused()
    {
        await using Site site = await Site.StartAsync(before: static context =>
        {
            context.Connection.RemoteIpAddress = IPAddress.Parse("10.0.0.1");
            return Task.CompletedTask;
        });
        foreach (string endpoint in Endpoints)
            await AssertRefusedAsync(await site.Client.GetAsync(new Uri(site.Page + endpoint), TestContext.Current.CancellationToken), "another machine");
    }

    [Fact]
    public async Task Anonymous_is_no_policy()
    {
        await using Site site = await Site.StartAsync(
            configure: static endpoints => endpoints.RequireAuthorization(Site.Readers).WithMetadata(new AllowAnonymousAttribute()),
            before: static context =>
            {
                context.Connection.RemoteIpAddress = null;
                return Task.CompletedTask;
            });
        await AssertRefusedAsync(await site.Client.GetAsync(new Uri(site.Page), TestContext.Current.CancellationToken), "another machine");
    }

    [Fact]
    public async Task With_a_policy_it_says_who_sees_it_from_wherever()
    {
        await using Site site = await Site.StartAsync(configure: static endpoints => endpoints.RequireAuthorization(Site.Readers), url: "http://0.0.0.0:0", before: static context =>
        {
            context.Connection.RemoteIpAddress = IPAddress.Parse("10.0.0.1");
            return Task.CompletedTask;
        });
        foreach (string endpoint in Endpoints)
            Assert.Equal(HttpStatusCode.Unauthorized, (await site.Client.GetAsync(new Uri(site.Page + endpoint), TestContext.Current.CancellationToken)).StatusCode);
        site.Client.DefaultRequestHeaders.Add(Site.UserHeader, "rita");
        Assert.Equal(HttpStatusCode.OK, (await site.Client.GetAsync(new Uri(site.Page), TestContext.Current.CancellationToken)).StatusCode);
        Assert.DoesNotContain(site.Records.All, static record => record.Id == 3100);
    }

    [Theory]
    [InlineData("http://0.0.0.0:0")]
    [InlineData("http://*:0")]
    [InlineData("http://[::]:0")]
    public async Task A_public_address_without_a_policy_is_an_error_in_the_log_at_start(string url)
    {
        await using Site site = await Site.StartAsync(url: url);
        (_, LogLevel level, string text) = Assert.Single(site.Records.All, static record => record.Id == 3100);
        Assert.Equal(LogLevel.Error, level);
        Assert.Contains("RequireAuthorization", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_said_of_a_group_around_it_counts()
    {
        await using Site site = await Site.StartAsync(url: "http://0.0.0.0:0", within: static app => app.MapGroup("/ops").RequireAuthorization(Site.Readers));
        Assert.Equal(HttpStatusCode.Unauthorized, (await site.Client.GetAsync(new Uri($"{site.Address}/ops/kernmantle"), TestContext.Current.CancellationToken)).StatusCode);
        Assert.DoesNotContain(site.Records.All, static record => record.Id == 3100);
    }

    [Fact]
    public async Task The_error_in_the_log_has_the_path_with_that_of_the_group_around_it()
    {
        await using Site site = await Site.StartAsync(url: "http://0.0.0.0:0", within: static app => app.MapGroup("/ops"));
        Assert.StartsWith("The dashboard at /ops/kernmantle is served", Assert.Single(site.Records.All, static record => record.Id == 3100).Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("kernmantle")]
    [InlineData("/{name}")]
    [InlineData("/a?b")]
    public async Task What_is_no_path_is_refused(string pattern)
    {
        await using WebApplication app = Site.Create();
        Assert.ThrowsAny<ArgumentException>(() => app.MapKernmantle(pattern));
    }

    [Fact]
    public async Task Options_that_cannot_be_are_refused()
    {
        await using WebApplication app = Site.Create();
        Assert.Contains("'nobody'", Assert.Throws<InvalidOperationException>(() => app.MapKernmantle(options: new() { ActionPolicy = "nobody" })).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => app.MapKernmantle(options: new() { ActionPolicy = " " }));
        Assert.Throws<ArgumentOutOfRangeException>(() => app.MapKernmantle(options: new() { Interval = TimeSpan.FromMilliseconds(99) }));
        Assert.Throws<ArgumentOutOfRangeException>(() => app.MapKernmantle(options: new() { MaxViewers = 0 }));
        await using WebApplication without = WebApplication.CreateSlimBuilder().Build();
        Assert.Contains("AddAuthorization", Assert.Throws<InvalidOperationException>(() => without.MapKernmantle(options: new() { ActionPolicy = "some" })).Message, StringComparison.Ordinal);
    }

    private static async Task AssertRefusedAsync(HttpResponseMessage answer, string why)
    {
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        string text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Contains(why, text, StringComparison.Ordinal);
        Assert.Contains("app.MapKernmantle(\"/kernmantle\").RequireAuthorization(", text, StringComparison.Ordinal);
    }
}
