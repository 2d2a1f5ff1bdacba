using System.Net;

namespace Kernmantle.Dashboard.Tests;

/// <summary>What may be asked for, by whom, and what comes of it.</summary>
public sealed class ActionTests
{
    [Fact]
    public async Task Nobody_may_do_anything_unless_a_policy_says_so()
    {
        await using Site site = await Site.StartAsync();
        Assert.Equal(HttpStatusCode.NotFound, (await AskAsync(site, "kill", "1.0.1", "olga")).Status);
        Assert.Contains("\"actions\":false", await FirstEventAsync(site, "olga"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_whom_the_policy_names_may()
    {
        await using Site site = await Site.StartAsync(new() { ActionPolicy = Site.Operators });
        Assert.Equal(HttpStatusCode.Unauthorized, (await AskAsync(site, "kill", "1.0.1", null)).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await AskAsync(site, "kill", "1.0.1", "rita")).Status);
        Assert.Contains("\"actions\":false", await FirstEventAsync(site, "rita"), StringComparison.Ordinal);
        Assert.Contains("\"actions\":true", await FirstEventAsync(site, "olga"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_form_of_another_site_is_refused()
    {
        await using Site site = await Site.StartAsync(new() { ActionPolicy = Site.Operators });
        (HttpStatusCode status, string answer) = await AskAsync(site, "kill", "1.0.1", "olga", fromPage: false);
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains("only the page itself", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("explode", "1.0.1", HttpStatusCode.NotFound, "kill, recycle, stacks, cancel and drain")]
    [InlineData("kill", "me", HttpStatusCode.BadRequest, "names no worker")]
    [InlineData("kill", "", HttpStatusCode.BadRequest, "")]
    [InlineData("kill", "999999.0.1", HttpStatusCode.Conflict, "has ended")]
    [InlineData("cancel", "all", HttpStatusCode.BadRequest, "is no number")]
    [InlineData("cancel", "0", HttpStatusCode.Conflict, "has ended")]
    [InlineData("drain", "999999", HttpStatusCode.Conflict, "has ended")]
    [InlineData("drain", "99999999999", HttpStatusCode.Conflict, "has ended")]
    public async Task What_cannot_be_done_is_said(string action, string target, HttpStatusCode status, string why)
    {
        await using Site site = await Site.StartAsync(new() { ActionPolicy = Site.Operators });
        (HttpStatusCode answered, string text) = await AskAsync(site, action, target, "olga");
        Assert.Equal(status, answered);
        Assert.Contains(why, text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_asked_for_is_done_and_logged_with_who_asked()
    {
        await using Site site = await Site.StartAsync(new() { ActionPolicy = Site.Operators });
        await using WorkerPool pool = WorkerPool.Processes(1, new() { Name = site.Name });
        int first = await pool.RunAsync(static () => Environment.ProcessId);
        Assert.Equal((HttpStatusCode.OK, "Done."), await AskAsync(site, "recycle", (await WorkerAsync(site)).Id, "olga"));
        int second = await pool.RunAsync(static () => Environment.ProcessId);
        (HttpStatusCode status, string stacks) = await AskAsync(site, "stacks", (await WorkerAsync(site)).Id, "olga");
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Contains("Thread 1", stacks, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(site, "kill", (await WorkerAsync(site)).Id, "olga")).Status);
        int third = await pool.RunAsync(static () => Environment.ProcessId);
        Assert.Equal(3, new HashSet<int> { first, second, third }.Count);

        Task<int> held = pool.RunAsync(static token => Waiting.HoldAsync("/nowhere", token), CancellationToken.None);
        long call = 0;
        await Waiting.Until(async () => (call = (await WorkerAsync(site)).Call?.Id ?? 0) != 0, "the call runs");
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(site, "cancel", $"{call}", "olga")).Status);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => held);

        Assert.Equal(HttpStatusCode.OK, (await AskAsync(site, "drain", $"{(await PoolAsync(site)).Number}", "olga")).Status);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => pool.RunAsync(static () => 1));
        string[] logged = [.. site.Records.All.Where(static record => record.Id == 3101).Select(static record => record.Text)];
        Assert.Equal(5, logged.Length);
        Assert.All(logged, static text => Assert.StartsWith("olga asked through the dashboard: ", text, StringComparison.Ordinal));
        Assert.All(logged, static text => Assert.EndsWith("Done.", text, StringComparison.Ordinal));
    }

    private static async Task<(HttpStatusCode Status, string Answer)> AskAsync(Site site, string action, string target, string? user, bool fromPage = true)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{site.Page}/actions/{action}?target={Uri.EscapeDataString(target)}");
        if (user is not null)
            request.Headers.Add(Site.UserHeader, user);
        if (fromPage)
            request.Headers.Add("Kernmantle-Action", "1");
        HttpResponseMessage answer = await site.Client.SendAsync(request, TestContext.Current.CancellationToken);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    private static async Task<string> FirstEventAsync(Site site, string user)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{site.Page}/events");
        request.Headers.Add(Site.UserHeader, user);
        using HttpResponseMessage answer = await site.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
        string? line;
        while ((line = await reader.ReadLineAsync(TestContext.Current.CancellationToken)) is not null && !line.StartsWith("data:", StringComparison.Ordinal))
        {
        }
        return line ?? "";
    }

    private static async Task<PoolSnapshot> PoolAsync(Site site) =>
        ProgramSnapshot.FromJson(await site.Client.GetByteArrayAsync(new Uri($"{site.Page}/snapshot"), TestContext.Current.CancellationToken)).Pools.Single(pool => pool.Name == site.Name);

    private static async Task<WorkerSnapshot> WorkerAsync(Site site) => (await PoolAsync(site)).Workers.Single();
}
