using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace Kernmantle.Tests.Docs;

/// <summary>What the READMEs show is what is compiled and run, and what they refer to exists.</summary>
public sealed partial class ReadmeTests
{
    private static readonly string Root = FindRoot();

    [Theory]
    [InlineData("README.md")]
    [InlineData("README.ko.md")]
    public void The_quick_start_is_the_one_that_is_tested(string readme)
    {
        string source = File.ReadAllText(Path.Combine(Root, "tests", "Kernmantle.Tests", "Usage", "QuickStart.cs"));
        string region = Between(source, "// <quick-start>\n", "// </quick-start>");
        Assert.Equal(Dedent(region).Trim(), FirstCode(File.ReadAllText(Path.Combine(Root, readme))).Replace("using Kernmantle;\n\n", "", StringComparison.Ordinal).Trim());
    }

    [Fact]
    public void Both_readmes_name_the_same_commands_and_figures()
    {
        // Code and numbers are the same in every language.
        Assert.Equal(Commands("README.md"), Commands("README.ko.md"));
    }

    [Theory]
    [InlineData("README.md")]
    [InlineData("README.ko.md")]
    [InlineData("ARCHITECTURE.md")]
    [InlineData("CONTRIBUTING.md")]
    [InlineData("docs/failures.md")]
    [InlineData("docs/overloads.md")]
    [InlineData("docs/portability.md")]
    [InlineData("docs/dependencies.md")]
    [InlineData("docs/lab.md")]
    [InlineData("docs/limits.md")]
    [InlineData("docs/logging.md")]
    [InlineData("docs/diagnostics.md")]
    [InlineData("docs/reliability.md")]
    [InlineData("docs/security.md")]
    [InlineData("docs/note.md")]
    [InlineData("docs/note.ko.md")]
    public void Links_lead_somewhere(string page)
    {
        string path = Path.Combine(Root, page);
        foreach (Match link in Link().Matches(File.ReadAllText(path)))
        {
            string target = link.Groups[1].Value;
            if (!target.Contains("://", StringComparison.Ordinal))
                Assert.True(Path.Exists(Path.Combine(Path.GetDirectoryName(path)!, target)), $"{page} links to {target}");
        }
    }

    [Fact]
    public void Every_dependency_is_explained()
    {
        string explained = File.ReadAllText(Path.Combine(Root, "docs", "dependencies.md"));
        foreach (Match package in Package().Matches(File.ReadAllText(Path.Combine(Root, "Directory.Packages.props"))))
            Assert.Contains($"`{package.Groups[1].Value}`", explained, StringComparison.Ordinal);
    }

    private static string[] Commands(string readme) =>
        [.. Command().Matches(File.ReadAllText(Path.Combine(Root, readme))).Select(static match => match.Value).Order(StringComparer.Ordinal)];

    private static string FirstCode(string markdown) => Between(markdown, "```csharp\n", "```");

    private static string Between(string text, string start, string end)
    {
        int from = text.IndexOf(start, StringComparison.Ordinal) + start.Length;
        int to = text.IndexOf(end, from, StringComparison.Ordinal);
        Assert.True(from >= start.Length && to > from, $"There is nothing between '{start.Trim()}' and '{end}'.");
        return text[from..to];
    }

    private static string Dedent(string text)
    {
        string[] lines = text.TrimEnd().Split('\n');
        int indent = lines.Where(static line => line.Trim().Length > 0).Min(static line => line.Length - line.TrimStart().Length);
        return string.Join('\n', lines.Select(line => line.Length >= indent ? line[indent..] : ""));
    }

    private static string FindRoot([CallerFilePath] string file = "")
    {
        // The source's own place; where builds map that away, above the binaries.
        foreach (string? start in new[] { Path.GetDirectoryName(file), AppContext.BaseDirectory })
        {
            for (string? folder = start; folder is not null; folder = Path.GetDirectoryName(folder))
            {
                if (File.Exists(Path.Combine(folder, "Directory.Packages.props")))
                    return folder;
            }
        }
        throw new InvalidOperationException("The repository's root was not found.");
    }

    [GeneratedRegex(@"\]\(([^)#]+)[^)]*\)")]
    private static partial Regex Link();

    [GeneratedRegex("<PackageVersion Include=\"([^\"]+)\"")]
    private static partial Regex Package();

    [GeneratedRegex("`?dotnet (?:run|test|add|pack) [^`\n|]*")]
    private static partial Regex Command();
}
