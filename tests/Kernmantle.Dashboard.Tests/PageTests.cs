using Kernmantle.Tool.Tests.Report;
using Microsoft.Playwright;

namespace Kernmantle.Dashboard.Tests;

/// <summary>What a person sees, and does, who opens the page in a browser.</summary>
[Chromium]
public sealed class PageTests(Browser browser) : IClassFixture<Browser>, IDisposable
{
    private const string Nasty = "<img src=x onerror=alert(1)> & \"quoted\"";

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("kernmantle-dashboard-");

    private string Gate => Path.Combine(folder.FullName, "gate");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public async Task It_shows_live_what_pools_do_and_why_workers_died()
    {
        await using Site site = await Site.StartAsync();
        IPage page = await OpenAsync(site);
        await using WorkerPool pool = WorkerPool.Processes(1, new() { Name = site.Name, Limits = new() { MemoryBytes = 1L << 30 } });
        Task<int> held = pool.With(new() { Name = Nasty }).RunAsync(static (gate, token) => Waiting.HoldAsync(gate, token), Gate, CancellationToken.None);
        ILocator worker = page.Locator("#workers tbody tr", new() { HasText = $"{site.Name}-1" });
        await worker.GetByText("busy").WaitForAsync();
        await worker.GetByText(Nasty).WaitForAsync();
        await page.Locator("#running tbody tr", new() { HasText = Nasty }).WaitForAsync();
        Assert.Contains("MiB of 1.00 GiB", await worker.InnerTextAsync(), StringComparison.Ordinal);
        Assert.Equal(0, await page.Locator("img").CountAsync());
        File.WriteAllText(Gate, "");
        await held;
        await worker.GetByText("idle").WaitForAsync();
        await page.Locator("#functions tbody tr", new() { HasText = site.Name }).Locator(".bars i").First.WaitForAsync();

        await Assert.ThrowsAsync<WorkerCrashedException>(() => pool.With(new() { Name = "the last one" }).RunAsync(static () =>
        {
            Console.WriteLine("goodbye");
            Environment.Exit(7);
        }));
        ILocator death = page.Locator("#deaths details", new() { HasText = site.Name });
        await death.Locator("summary").ClickAsync();
        string evidence = await death.InnerTextAsync();
        Assert.Contains("exit code 7", evidence, StringComparison.Ordinal);
        Assert.Contains("while it ran the last one", evidence, StringComparison.Ordinal);
        Assert.Contains("goodbye", evidence, StringComparison.Ordinal);
        Assert.True(await StaysOpenAsync(page, death), "what was opened stays open");
    }

    /// <summary>Through two more snapshots.</summary>
    private static async Task<bool> StaysOpenAsync(IPage page, ILocator details)
    {
        for (int i = 0; i < 2; i++)
        {
            string before = await page.EvaluateAsync<string>("() => document.documentElement.dataset.at");
            await page.WaitForFunctionAsync("before => document.documentElement.dataset.at !== before", before);
        }
        return await details.EvaluateAsync<bool>("e => e.open");
    }

    [Fact]
    public async Task The_log_is_searched_and_filtered()
    {
        await using Site site = await Site.StartAsync();
        await using WorkerPool one = WorkerPool.Threads(1, new() { Name = $"{site.Name}-a" }), two = WorkerPool.Threads(1, new() { Name = $"{site.Name}-b" });
        foreach (WorkerPool pool in (WorkerPool[])[one, two])
            await pool.RunAsync(static name => LogBoth(name), pool.Name);
        IPage page = await OpenAsync(site);
        ILocator lines = page.Locator(".lines li");
        await page.FillAsync("#search", site.Name);
        await Assertions.Expect(lines).ToHaveCountAsync(4);
        await page.SelectOptionAsync("#level", "Error");
        await Assertions.Expect(lines).ToHaveCountAsync(2);
        await page.SelectOptionAsync("#ofPool", two.Name);
        await Assertions.Expect(lines).ToHaveCountAsync(1);
        Assert.Contains($"{two.Name} failed", await lines.First.InnerTextAsync(), StringComparison.Ordinal);
        await page.SelectOptionAsync("#level", "Trace");
        await page.FillAsync("#search", "SUCCEEDED");
        await page.SelectOptionAsync("#ofWorker", $"{two.Name}-1");
        await Assertions.Expect(lines).ToHaveCountAsync(1);
        await page.FillAsync("#search", "nothing has this");
        await page.Locator("#log .none").WaitForAsync();
    }

    private static void LogBoth(string name)
    {
        Microsoft.Extensions.Logging.ILogger log = WorkerContext.Current!.Logger;
        Microsoft.Extensions.Logging.LoggerExtensions.LogInformation(log, "{Name} succeeded", name);
        Microsoft.Extensions.Logging.LoggerExtensions.LogError(log, "{Name} failed", name);
    }

    [Fact]
    public async Task Who_may_not_act_sees_no_button_and_who_may_kills_a_worker_by_keyboard()
    {
        await using Site site = await Site.StartAsync(new() { ActionPolicy = Site.Operators });
        await using WorkerPool pool = WorkerPool.Processes(1, new() { Name = site.Name });
        int before = await pool.RunAsync(static () => Environment.ProcessId);
        IPage reader = await OpenAsync(site);
        await reader.GetByText("live, read only").WaitForAsync();
        ILocator kill = reader.Locator("#workers tbody tr", new() { HasText = site.Name }).Locator("button", new() { HasText = "Kill" });
        Assert.False(await kill.EvaluateAsync<bool>("e => e.closest('td').className.indexOf('hidden') < 0"));

        await reader.Context.AddCookiesAsync([new() { Name = Site.UserHeader, Value = "olga", Url = site.Address }]);
        await reader.ReloadAsync();
        await kill.FocusAsync();
        await reader.Keyboard.PressAsync("Enter");
        await reader.Locator("dialog").GetByText($"Kill {site.Name}-1 (pid {before})").WaitForAsync();
        await reader.Keyboard.PressAsync("Escape");
        await reader.Locator("dialog").WaitForAsync(new() { State = WaitForSelectorState.Hidden });
        Assert.Equal(before, await pool.RunAsync(static () => Environment.ProcessId));
        await kill.FocusAsync();
        await reader.Keyboard.PressAsync("Enter");
        await reader.Keyboard.PressAsync("Tab");
        await reader.Keyboard.PressAsync("Enter");
        await reader.Locator("#deaths details", new() { HasText = $"{site.Name}-1 (pid {before}) was killed on request" }).WaitForAsync();
        Assert.NotEqual(before, await pool.RunAsync(static () => Environment.ProcessId));
    }

    [Fact]
    public async Task Keys_go_to_sections_search_pause_and_theme()
    {
        await using Site site = await Site.StartAsync();
        IPage page = await OpenAsync(site);
        await page.Keyboard.PressAsync("6");
        Assert.Equal("log", await page.EvaluateAsync<string>("() => document.activeElement.id"));
        await page.Keyboard.PressAsync("/");
        Assert.Equal("search", await page.EvaluateAsync<string>("() => document.activeElement.id"));
        await page.Keyboard.TypeAsync("t1p");   // text, and no keys of the page
        Assert.Equal("t1p", await page.InputValueAsync("#search"));
        await page.Keyboard.PressAsync("Escape");
        string theme = await page.EvaluateAsync<string>("() => document.documentElement.dataset.theme");
        await page.Keyboard.PressAsync("t");
        Assert.NotEqual(theme, await page.EvaluateAsync<string>("() => document.documentElement.dataset.theme"));
        await page.Keyboard.PressAsync("p");
        await page.Locator("#status").GetByText("paused").WaitForAsync();
        await using WorkerPool pool = WorkerPool.Threads(1, new() { Name = site.Name });
        await page.Keyboard.PressAsync("p");
        await page.Locator("#pools tbody tr", new() { HasText = site.Name }).WaitForAsync();
    }

    [Theory]
    [InlineData(ColorScheme.Dark, 0, 60)]
    [InlineData(ColorScheme.Light, 200, 255)]
    public async Task It_wears_the_systems_theme_and_fits_400_pixels(ColorScheme scheme, int from, int to)
    {
        await using Site site = await Site.StartAsync();
        await using WorkerPool pool = WorkerPool.Processes(1, new() { Name = $"{site.Name}-{new string('w', 60)}" });
        await Assert.ThrowsAsync<WorkerCrashedException>(() => pool.RunAsync(static () => Environment.Exit(3)));
        await pool.RunAsync(static () => Console.WriteLine(new string('x', 300)));
        IPage page = await OpenAsync(site, width: 400, scheme);
        await page.Locator("#deaths details", new() { HasText = site.Name }).Locator("summary").ClickAsync();
        await page.Locator("#workers tbody tr", new() { HasText = site.Name }).WaitForAsync();
        Assert.InRange(await page.EvaluateAsync<double>("() => document.documentElement.scrollWidth"), 300, 400);
        Assert.InRange(await page.EvaluateAsync<int>("() => +getComputedStyle(document.body).backgroundColor.match(/\\d+/)[0]"), from, to);
        string[] outside = await page.EvaluateAsync<string[]>("() => [...document.querySelectorAll('main *')].filter(e => { const r = e.getBoundingClientRect(); return !e.closest('thead') && r.width > 2 && (r.right > 401 || r.left < -1); }).map(e => e.tagName + ' ' + e.textContent.slice(0, 40))");
        Assert.Empty(outside);
    }

    [Fact]
    public async Task It_says_when_the_program_is_gone()
    {
        await using Site site = await Site.StartAsync();
        IPage page = await OpenAsync(site);
        await site.StopAsync().WaitAsync(Waiting.Deadline, TestContext.Current.CancellationToken);
        await page.GetByText("connection lost").WaitForAsync();
    }

    private async Task<IPage> OpenAsync(Site site, int width = 1200, ColorScheme scheme = ColorScheme.Light)
    {
        (IPage page, IReadOnlyList<string> requests) = await browser.OpenAsync(site.Page, width, scheme);
        await page.Locator("#status").GetByText("live").WaitForAsync();
        Assert.All(requests, request => Assert.True(request == site.Page || request == $"{site.Page}/events" || request.StartsWith("data:", StringComparison.Ordinal), request));
        return page;
    }
}
