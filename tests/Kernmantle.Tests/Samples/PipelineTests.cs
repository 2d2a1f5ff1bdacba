using Kernmantle.Tests.Hosting;

namespace Kernmantle.Tests.Samples;

/// <summary>Three stages with channels between them: their totals are the same whoever dies.</summary>
public sealed class PipelineTests
{
    [Fact]
    public async Task The_totals_are_the_same_while_its_processes_are_killed()
    {
        string totals = await RunAsync(), killed = await RunAsync("--killer");
        Assert.Contains(".json", totals, StringComparison.Ordinal);
        Assert.Equal(Table(totals), Table(killed));
        Assert.DoesNotContain(" 0 killed", killed, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Wrong_use_is_told_in_one_line_and_ends_with_2()
    {
        (int exit, string text) = await Programs.RunAsync(Programs.Of("Pipeline"), ["--root", "/no/such/folder"]);
        Assert.Equal(2, exit);
        Assert.Contains("/no/such/folder", text, StringComparison.Ordinal);
    }

    private static async Task<string> RunAsync(params string[] options)
    {
        (int exit, string text) = await Programs.RunAsync(Programs.Of("Pipeline"), options);
        Assert.True(exit == 0, text);
        return text;
    }

    /// <summary>Without how long it took, and how many were killed.</summary>
    private static string[] Table(string text) => [.. text.Split('\n').Where(static line => !line.Contains(" s, ", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
}
