using Kernmantle.Contracts.Requirements;
using Microsoft.Playwright;

[assembly: TestFramework(typeof(RequirementFramework))]

namespace Kernmantle.Tool.Tests.Report;

/// <summary>Debian's Chromium, without a window; one for all tests of a class.</summary>
public sealed class Browser : IAsyncLifetime
{
    private IPlaywright? playwright;
    private IBrowser? browser;
    private IPage? shared;

    public async ValueTask InitializeAsync()
    {
        playwright = await Playwright.CreateAsync();
        // Chromium's own sandbox does not run as root, as CI does; the page is ours.
        browser = await playwright.Chromium.LaunchAsync(new() { ExecutablePath = ChromiumAttribute.Find(), Args = ["--no-sandbox"], Timeout = 120_000 });
    }

    /// <summary>What has been opened first, for all that follow.</summary>
    public async Task<IPage> SharedAsync(Func<Task<IPage>> open) => shared ??= await open();

    /// <summary>A page that shows a file, and everything it asked for.</summary>
    public async Task<(IPage Page, IReadOnlyList<string> Requests)> OpenAsync(string file, int width, ColorScheme scheme)
    {
        IBrowserContext context = await browser!.NewContextAsync(new() { ViewportSize = new() { Width = width, Height = 900 }, ColorScheme = scheme });
        IPage page = await context.NewPageAsync();
        page.SetDefaultTimeout(120_000);
        List<string> requests = [];
        page.Request += (_, request) => requests.Add(request.Url);
        List<string> complaints = [];
        page.PageError += (_, error) => complaints.Add(error);
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning")
                complaints.Add(message.Text);
        };
        await page.GotoAsync(new Uri(file).AbsoluteUri);
        Assert.Empty(complaints);
        return (page, requests);
    }

    public async ValueTask DisposeAsync()
    {
        if (browser is not null)
            await browser.DisposeAsync();
        playwright?.Dispose();
    }
}
