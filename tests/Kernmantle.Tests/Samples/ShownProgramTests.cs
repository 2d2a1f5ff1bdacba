using System.Text.RegularExpressions;
using Kernmantle.Tests.Hosting;

namespace Kernmantle.Tests.Samples;

/// <summary>The programs that the README shows whole print what it says.</summary>
public sealed partial class ShownProgramTests
{
    [Fact]
    public async Task The_program_that_overflows_its_stack_prints_what_the_README_shows()
    {
        (int exit, string text) = await Programs.RunAsync(Programs.Of("Overflow"), []);
        Assert.Equal(0, exit);
        string shown = Shown().Match(await File.ReadAllTextAsync(Path.Combine(Programs.Root, "README.md"), TestContext.Current.CancellationToken)).Groups[1].Value;
        // Which worker takes the call, and the number of its process, differ each time; the README leaves out the advice.
        string pattern = ProcessNumber().Replace(Regex.Escape(shown.Trim()), @"pid\ \d+").Replace("pool-1", @"pool-\d", StringComparison.Ordinal).Replace("…", "[^\n]*", StringComparison.Ordinal);
        Assert.Matches(pattern, text.ReplaceLineEndings("\n"));
    }

    [Fact]
    public async Task The_quick_start_prints_a_result_for_each_of_its_parts()
    {
        (int exit, string text) = await Programs.RunAsync(Programs.Of("QuickStart"), []);
        Assert.Equal(0, exit);
        string[] lines = [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)];
        foreach (string line in (string[])["First: Completed, 9592 primes", "168", "10: 4", "100: 25", "1000: 168", "True"])
            Assert.Contains(line, lines);
        Assert.Contains(lines, static line => line.StartsWith("Program.Main (lambda, Program.cs:20) ran longer than its timeout of 00:00:01.", StringComparison.Ordinal));
    }

    [GeneratedRegex("```text\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Shown();

    [GeneratedRegex(@"pid\\ \d+")]
    private static partial Regex ProcessNumber();
}
