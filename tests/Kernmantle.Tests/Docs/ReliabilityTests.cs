using System.Text.RegularExpressions;
using Kernmantle.Tests.Hosting;

namespace Kernmantle.Tests.Docs;

/// <summary>docs/reliability.md has a test for every fault, and every test it names is there.</summary>
public sealed partial class ReliabilityTests
{
    private static readonly string[] Rows = [.. File.ReadAllLines(Path.Combine(Programs.Root, "docs", "reliability.md"))
        .SkipWhile(static line => !line.StartsWith("|---", StringComparison.Ordinal)).Skip(1)
        .TakeWhile(static line => line.StartsWith('|'))];

    [Fact]
    public void No_fault_is_without_a_test()
    {
        Assert.True(Rows.Length > 40, $"{Rows.Length} rows");
        Assert.All(Rows.Where(static row => !Heading().IsMatch(row)), static row => Assert.True(Named().IsMatch(row) || row.Contains("soak", StringComparison.Ordinal), row));
    }

    [Fact]
    public void Every_test_that_is_named_exists()
    {
        ILookup<string, string> sources = Directory.GetFiles(Path.Combine(Programs.Root, "tests"), "*.cs", SearchOption.AllDirectories)
            .Where(static file => !file.Contains("/obj/", StringComparison.Ordinal))
            .Select(File.ReadAllText)
            .SelectMany(static text => Class().Matches(text).Select(match => (Name: match.Groups[1].Value, Text: text)))
            .ToLookup(static c => c.Name, static c => c.Text);
        foreach (Match test in Rows.SelectMany(static row => Named().Matches(row)))
        {
            Assert.True(
                sources[test.Groups[1].Value].Any(text => text.Contains($" {test.Groups[2].Value}(", StringComparison.Ordinal)),
                $"There is no {test.Groups[1].Value}.{test.Groups[2].Value}.");
        }
    }

    [GeneratedRegex(@"`(\w+)\.(\w+_\w+)`")]
    private static partial Regex Named();

    [GeneratedRegex(@"^\| \*\*[^|]+\| \| \|$")]
    private static partial Regex Heading();

    [GeneratedRegex(@" class (\w+)")]
    private static partial Regex Class();
}
