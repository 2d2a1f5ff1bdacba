using System.Reflection;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.Diagnostics;

namespace Kernmantle.Analyzers.Tests;

/// <summary>Every rule has its page, and its row in the list of rules, which say what it does.</summary>
public sealed class PageTests
{
    private static readonly string Root = typeof(PageTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(static a => a.Key == "RepositoryRoot").Value!;

    private static readonly DiagnosticDescriptor[] Rules =
        [.. InstancesOf<DiagnosticAnalyzer>(typeof(Kernmantle.Analyzers.Rules.Functions.AsyncRunAnalyzer).Assembly).SelectMany(static a => a.SupportedDiagnostics).OrderBy(static r => r.Id, StringComparer.Ordinal)];

    [Fact]
    public void Each_rule_has_a_page_that_says_its_severity_and_whether_it_is_fixed()
    {
        HashSet<string> hasFix = [.. InstancesOf<CodeFixProvider>(typeof(CodeFixes.Fix).Assembly).SelectMany(static f => f.FixableDiagnosticIds)];
        Assert.All(Rules, rule =>
        {
            string page = File.ReadAllText(Path.Combine(Root, rule.HelpLinkUri));
            Assert.Contains($"| category | {rule.Category} |", page, StringComparison.Ordinal);
            Assert.Contains($"| severity | {SeverityOf(rule)}", page, StringComparison.Ordinal);
            Assert.NotEqual(hasFix.Contains(rule.Id), page.Contains("| code fix | none", StringComparison.Ordinal));
        });
    }

    [Fact]
    public void Each_rule_has_its_row_in_the_list()
    {
        string list = File.ReadAllText(Path.Combine(Root, "docs/analyzers/README.md"));
        Assert.All(Rules.Where(static r => r.HelpLinkUri.EndsWith($"{r.Id}.md", StringComparison.Ordinal)), rule => Assert.Contains($"| [{rule.Id}]({rule.Id}.md) | {SeverityOf(rule)}", list, StringComparison.Ordinal));
    }

    [Fact]
    public void Rules_are_numbered_without_a_gap() => Assert.Equal(Enumerable.Range(1, Rules.Length).Select(static n => $"KM{n:D4}"), Rules.Select(static r => r.Id));

    private static string SeverityOf(DiagnosticDescriptor rule) => rule.DefaultSeverity switch
    {
        DiagnosticSeverity.Error => "error",
        DiagnosticSeverity.Warning => "warning",
        _ => "suggestion",
    };

    private static IEnumerable<T> InstancesOf<T>(Assembly assembly) =>
        assembly.GetTypes().Where(static t => !t.IsAbstract && typeof(T).IsAssignableFrom(t)).Select(static t => (T)Activator.CreateInstance(t)!);
}
