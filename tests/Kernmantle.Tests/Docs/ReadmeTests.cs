using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace Kernmantle.Tests.Docs;

/// <summary>What the READMEs show is what is compiled and run, and what they refer to exists.</summary>
public sealed partial class ReadmeTests
{
    private static readonly string Root = FindRoot();

    public static TheoryData<string> Pages => [.. Directory.GetFiles(Root, "*.md", SearchOption.AllDirectories)
        .Select(static path => Path.GetRelativePath(Root, path))
        .Where(static page => !page.Split('/').Any(static part => part is "bin" or "obj" or "artifacts" or "node_modules"))];

    [Fact]
    public void Every_program_that_a_page_shows_whole_is_a_sample_that_is_built_and_run()
    {
        int shown = 0;
        foreach (string page in new[] { "README.md", "README.ko.md", "src/Kernmantle/README.md", "docs/testing.md" })
        {
            foreach (Match program in Program().Matches(File.ReadAllText(Path.Combine(Root, page))))
            {
                Assert.Equal(File.ReadAllText(Path.Combine(Root, program.Groups[1].Value)), program.Groups[2].Value);
                shown++;
            }
        }
        Assert.Equal(7, shown);   // both in each README, the first one in the package's, and the two files of a test
    }

    [Fact]
    public void The_readme_has_at_most_1500_words()
    {
        int words = File.ReadAllText(Path.Combine(Root, "README.md")).Split().Count(static word => word.Any(char.IsLetterOrDigit));
        Assert.True(words <= 1500, $"{words} words: what is more belongs into docs/.");
    }

    [Fact]
    public void The_index_names_every_document()
    {
        string index = File.ReadAllText(Path.Combine(Root, "docs", "README.md"));
        foreach (string path in Directory.GetFiles(Path.Combine(Root, "docs"), "*.md").Where(static path => Path.GetFileName(path) != "README.md"))
            Assert.Contains($"]({Path.GetFileName(path)})", index, StringComparison.Ordinal);
    }

    [Fact]
    public void Both_readmes_name_the_same_commands_and_figures()
    {
        // Code and numbers are the same in every language.
        Assert.Equal(Commands("README.md"), Commands("README.ko.md"));
    }

    [Theory]
    [MemberData(nameof(Pages))]
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

    [GeneratedRegex("<!-- program: ([^ ]+) -->\n```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Program();

    [GeneratedRegex(@"\]\(([^)#]+)[^)]*\)")]
    private static partial Regex Link();

    [GeneratedRegex("<PackageVersion Include=\"([^\"]+)\"")]
    private static partial Regex Package();

    [GeneratedRegex("`?dotnet (?:run|test|add|pack) [^`\n|]*")]
    private static partial Regex Command();
}
