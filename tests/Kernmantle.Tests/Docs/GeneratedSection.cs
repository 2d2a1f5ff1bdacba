using System.Reflection;

namespace Kernmantle.Tests.Docs;

/// <summary>
/// A part of a document that a test generates, between <c>&lt;!-- begin NAME --&gt;</c> and <c>&lt;!-- end NAME --&gt;</c>. The test fails where the document says something
/// else; with <c>KERNMANTLE_WRITE_DOCS=1</c> it is written instead (eng/doc-tables).
/// </summary>
internal static class GeneratedSection
{
    private static readonly string Root = typeof(GeneratedSection).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(static a => a.Key == "RepositoryRoot").Value!;

    public const string Variable = "KERNMANTLE_WRITE_DOCS";

    public static void Check(string document, string name, IReadOnlyList<string> lines)
    {
        string file = Path.Combine(Root, "docs", document);
        string text = File.ReadAllText(file);
        string begin = $"<!-- begin {name} -->\n", end = $"<!-- end {name} -->";
        int from = text.IndexOf(begin, StringComparison.Ordinal) + begin.Length, to = text.IndexOf(end, StringComparison.Ordinal);
        Assert.True(from >= begin.Length && to >= from, $"docs/{document} has no section {name}.");
        if (Environment.GetEnvironmentVariable(Variable) == "1")
            File.WriteAllText(file, $"{text[..from]}{string.Join('\n', lines)}\n{text[to..]}");
        else
            Assert.Equal(lines, text[from..to].TrimEnd('\n').Split('\n'));
    }
}
