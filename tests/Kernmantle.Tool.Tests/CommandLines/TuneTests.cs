using System.Text.Json;

namespace Kernmantle.Tool.Tests.CommandLines;

/// <summary><c>kern tune</c>.</summary>
[Collection(OwnConsole.Name)]
public sealed class TuneTests
{
    private static readonly ProgramInProcess Program = new("kern");

    [Fact]
    public async Task It_says_what_pools_choose()
    {
        (int code, string output, string error) = await Program.RunAsync("tune");
        Assert.Equal((0, ""), (code, error));
        Assert.Contains("who waits looks before it sleeps, at most", output, StringComparison.Ordinal);
        Assert.Contains("a thread that sleeps is woken", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Its_JSON_has_every_figure_in_seconds()
    {
        (int code, string output, string error) = await Program.RunAsync("tune", "--json");
        Assert.Equal((0, ""), (code, error));
        JsonElement figures = JsonDocument.Parse(output).RootElement;
        Assert.Equal(["processors", "roundTrip", "wakeUp", "spinBudget", "awakeFor"], figures.EnumerateObject().Select(static figure => figure.Name));
        Assert.Equal(Environment.ProcessorCount, figures.GetProperty("processors").GetInt32());
        Assert.InRange(figures.GetProperty("spinBudget").GetDouble(), 0, 200e-6);
        Assert.InRange(figures.GetProperty("wakeUp").GetDouble(), 1e-7, 2e-3);
    }

    [Fact]
    public async Task What_it_does_not_know_is_refused()
    {
        (int code, string output, string error) = await Program.RunAsync("tune", "faster");
        Assert.Equal((2, ""), (code, output));
        Assert.StartsWith("kern: ", error, StringComparison.Ordinal);
    }
}
