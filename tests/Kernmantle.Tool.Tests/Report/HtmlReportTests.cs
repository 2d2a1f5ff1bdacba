using Kernmantle.Tool.Lab.Model;
using Kernmantle.Tool.Lab.Report;
using Microsoft.Playwright;

namespace Kernmantle.Tool.Tests.Report;

/// <summary>What a person sees who opens the report.</summary>
[SecondStage]
[Chromium]
public sealed class HtmlReportTests(Browser browser) : IClassFixture<Browser>, IDisposable
{
    /// <summary>Once: it holds the machine's load of this moment.</summary>
    private static readonly LabResult Shown = MadeLab.Create();

    private const int Width = 1100;

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("kern-report-");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public async Task Bars_are_as_high_as_their_figures_and_say_them()
    {
        IPage page = await SharedAsync();
        Assert.Equal(["10.0 ms", "20.0 ms"], (await TextsAsync(page, "bars")).Where(static text => text.EndsWith("0.0 ms", StringComparison.Ordinal)));
        // Of the shapes in the bars' colour, those two: the axis begins at zero, so the second is twice as high.
        double[] heights = await page.EvaluateAsync<double[]>("""
            () => {
              const colour = getComputedStyle(document.documentElement).getPropertyValue('--c0').trim();
              return [...document.querySelectorAll('#plot-bars svg path')].filter(p => p.getAttribute('fill') === colour).map(p => p.getBBox().height);
            }
            """);
        Assert.Equal(2, heights.Length);
        Assert.InRange(heights[1] / heights[0], 1.98, 2.02);
    }

    [Fact]
    public async Task Lines_go_through_their_points()
    {
        IPage page = await SharedAsync();
        // The way back: from where the plot has drawn the symbols to what they mean.
        double[][] read = await page.EvaluateAsync<double[][]>("""
            () => {
              const place = document.getElementById('plot-lines'), chart = echarts.getInstanceByDom(place);
              const colour = getComputedStyle(document.documentElement).getPropertyValue('--c0').trim(), top = place.getBoundingClientRect();
              return [...place.querySelectorAll('svg path')]
                .filter(p => p.getAttribute('fill') === colour)
                .map(p => p.getBoundingClientRect())
                .map(r => [r.x + r.width / 2 - top.x, r.y + r.height / 2 - top.y])
                .filter(at => chart.containPixel('grid', at))
                .map(at => chart.convertFromPixel('grid', at));
            }
            """);
        Assert.Equal(2, read.Length);
        AssertNear(64, read[0][0]);
        AssertNear(5e-6, read[0][1]);
        AssertNear(1 << 20, read[1][0]);
        AssertNear(1e-3, read[1][1]);
    }

    [Fact]
    public async Task Axes_have_units()
    {
        IPage page = await SharedAsync();
        string[] lines = await TextsAsync(page, "lines"), grouped = await TextsAsync(page, "grouped"), trace = await TextsAsync(page, "trace");
        Assert.Contains(lines, static text => text.EndsWith("KiB", StringComparison.Ordinal));
        Assert.Contains(lines, static text => text.EndsWith("µs", StringComparison.Ordinal));
        Assert.Contains(grouped, static text => text.EndsWith("MiB", StringComparison.Ordinal));
        Assert.Contains(trace, static text => text.EndsWith("ms", StringComparison.Ordinal));
        Assert.Contains("time", lines);
        Assert.Contains("idle", grouped);
    }

    [Fact]
    public async Task A_shared_part_is_one_box_and_an_own_part_one_each()
    {
        IPage page = await SharedAsync();
        double[] heights = await page.EvaluateAsync<double[]>("""
            () => ['--c0', '--c1'].flatMap(name => {
              const colour = getComputedStyle(document.documentElement).getPropertyValue(name).trim();
              return [...document.querySelectorAll('#plot-map svg path')].filter(p => p.getAttribute('fill') === colour && p.getBBox().width > 60).map(p => p.getBBox().height);
            })
            """);
        Assert.Equal(4, heights.Length);
        Assert.True(heights[0] > 2 * heights[1], $"{heights[0]} covers two lanes of {heights[1]}");
        Assert.Contains("7f0dc945b110", await TextsAsync(page, "map"));
    }

    [Fact]
    public async Task The_theme_follows_the_system_and_the_button()
    {
        (IPage page, _) = await OpenAsync(scheme: ColorScheme.Dark);
        (double Back, double Plot) dark = await BrightnessAsync(page);
        Assert.True(dark.Back < 60 && dark.Plot > 150, $"dark: {dark}");
        await page.ClickAsync("#theme");
        (double Back, double Plot) light = await BrightnessAsync(page);
        Assert.True(light.Back > 200 && light.Plot < 120, $"light: {light}");
        await page.ClickAsync("#theme");
        Assert.Equal(dark, await BrightnessAsync(page));

        (IPage other, _) = await OpenAsync(scheme: ColorScheme.Light);
        Assert.Equal(light, await BrightnessAsync(other));
        await other.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Dark });
        await other.WaitForFunctionAsync("() => document.documentElement.dataset.theme === 'dark'");
        Assert.Equal(dark, await BrightnessAsync(other));
    }

    [Fact]
    public async Task It_fits_a_phone()
    {
        (IPage page, _) = await OpenAsync(width: 390);
        Assert.InRange(await page.EvaluateAsync<double>("() => document.documentElement.scrollWidth"), 300, 390);
        // Every word of every plot lies within it and is large enough to be read.
        string[] bad = await page.EvaluateAsync<string[]>("""
            () => [...document.querySelectorAll('.plot')].flatMap(place => {
              const box = place.getBoundingClientRect();
              return [...place.querySelectorAll('svg text')].filter(t => {
                const r = t.getBoundingClientRect();
                return r.left < box.left - 1 || r.right > box.right + 1 || r.top < box.top - 1 || r.bottom > box.bottom + 1 || parseFloat(getComputedStyle(t).fontSize) < 9;
              }).map(t => place.id + ': ' + t.textContent);
            })
            """);
        Assert.Empty(bad);
        double[] widths = await page.EvaluateAsync<double[]>("() => [...document.querySelectorAll('.plot svg')].map(s => s.getBoundingClientRect().width)");
        Assert.Equal(5, widths.Length);
        Assert.All(widths, static width => Assert.InRange(width, 280, 390));
    }

    [Fact]
    public async Task Nothing_is_fetched()
    {
        (IPage page, IReadOnlyList<string> requests) = await OpenAsync();
        await page.ClickAsync("#theme");
        await page.HoverAsync("#plot-bars");
        Assert.All(requests, request => Assert.True(request == page.Url || request.StartsWith("data:", StringComparison.Ordinal), request));
        Assert.DoesNotContain("src=", File.ReadAllText(Report).Replace(LibraryText(), "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Text_stays_text()
    {
        IPage page = await SharedAsync();
        Assert.Equal($"Bars {MadeLab.Nasty}", await page.InnerTextAsync("figcaption >> nth=0"));
        Assert.Contains($"IOException: {MadeLab.Nasty}", await page.InnerTextAsync("section:has(#bad)"), StringComparison.Ordinal);
        Assert.Contains($"Cannot be run here: The machine lacks {MadeLab.Nasty}.", await page.InnerTextAsync("section:has(#lacking)"), StringComparison.Ordinal);
        string machine = await page.InnerTextAsync(".machine");
        Assert.Contains("48 KiB, 1 MiB (told by sysconf)", machine, StringComparison.Ordinal);
        Assert.Contains("1 of 3 run; 1 cannot be run on this machine (lacking); 1 failed (bad).", machine, StringComparison.Ordinal);
        Assert.Equal(["holds", "does not hold here", "depends"], await page.Locator(".claim .verdict").AllInnerTextsAsync());
        LabResult carried = JsonReport.Read(await page.EvaluateAsync<string>("() => document.getElementById('lab').textContent"));
        Assert.Equal(JsonReport.Write(Shown), JsonReport.Write(carried));
    }

    private string Report => Path.Combine(folder.FullName, "report.html");

    private async Task<(IPage Page, IReadOnlyList<string> Requests)> OpenAsync(int width = Width, ColorScheme scheme = ColorScheme.Light)
    {
        await File.WriteAllTextAsync(Report, HtmlReport.Write(Shown));
        return await browser.OpenAsync(Report, width, scheme);
    }

    /// <summary>The page of those who only look.</summary>
    private Task<IPage> SharedAsync() => browser.SharedAsync(async () => (await OpenAsync()).Page);

    private static string LibraryText()
    {
        using Stream stream = typeof(HtmlReport).Assembly.GetManifestResourceStream("report/ECharts.echarts.min.js")!;
        return new StreamReader(stream).ReadToEnd();
    }

    private static Task<string[]> TextsAsync(IPage page, string plot) =>
        page.EvaluateAsync<string[]>($"() => [...document.querySelectorAll('#plot-{plot} svg text')].map(t => t.textContent)");

    /// <summary>Of the page's background, and of the words of a plot: 0 is black, 255 is white.</summary>
    private static async Task<(double Back, double Plot)> BrightnessAsync(IPage page)
    {
        double[] values = await page.EvaluateAsync<double[]>("""
            () => [getComputedStyle(document.body).backgroundColor, getComputedStyle(document.querySelector('#plot-bars svg text')).fill]
              .map(colour => colour.match(/\d+/g).slice(0, 3).map(Number)).map(([r, g, b]) => (r + g + b) / 3)
            """);
        return (values[0], values[1]);
    }

    private static void AssertNear(double expected, double actual) => Assert.InRange(actual, expected * 0.97, expected * 1.03);
}
