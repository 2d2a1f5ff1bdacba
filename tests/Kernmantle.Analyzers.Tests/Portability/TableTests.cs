using System.Collections.Immutable;
using System.Reflection;
using Kernmantle.Analyzers.Rules.Functions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;

namespace Kernmantle.Analyzers.Tests.Portability;

/// <summary>Walks the tables of docs/portability.md: each row has its cases, and what the compiler can see of it is found, and nothing of what crosses.</summary>
public sealed class TableTests
{
    /// <summary>The least part of the refused cases that has to be found.</summary>
    private const double Wanted = 0.95;

    private static readonly string[] Tables = ["Functions", "Captured variables", "Values"];

    [Fact]
    public void Each_row_of_the_tables_has_its_cases() =>
        Assert.Equal(RowsOfThePage().Order(StringComparer.Ordinal), TableCases.All.Keys.Order(StringComparer.Ordinal));

    [Fact]
    public async Task What_is_refused_is_found_and_what_crosses_is_left_alone()
    {
        (string Row, string Code, bool Refused)[] cases =
        [
            .. TableCases.All.SelectMany(static row => row.Value.Crosses.Select(code => (row.Key, code, false)).Concat(row.Value.Refused.Select(code => (row.Key, code, true)))),
        ];
        string program = TableCases.ProgramOf(cases.Select(static c => c.Code));
        var compilation = CSharpCompilation.Create(
            "Cases",
            [CSharpSyntaxTree.ParseText(program, cancellationToken: TestContext.Current.CancellationToken)],
            [.. Verify.PlatformReferences, .. Verify.LibraryReferences],
            new(OutputKind.ConsoleApplication, allowUnsafe: true, nullableContextOptions: NullableContextOptions.Enable));
        Assert.Empty(compilation.GetDiagnostics(TestContext.Current.CancellationToken).Where(static d => d.Severity == DiagnosticSeverity.Error));

        ImmutableArray<DiagnosticAnalyzer> analyzers =
            [.. typeof(AsyncRunAnalyzer).Assembly.GetTypes().Where(static t => !t.IsAbstract && typeof(DiagnosticAnalyzer).IsAssignableFrom(t)).Select(static t => (DiagnosticAnalyzer)Activator.CreateInstance(t)!)];
        ImmutableArray<Diagnostic> said = await compilation.WithAnalyzers(analyzers).GetAnalyzerDiagnosticsAsync(TestContext.Current.CancellationToken);
        Assert.Empty(said.Where(static d => d.Id == "AD0001"));
        ILookup<int, Diagnostic> byCase = said.Where(static d => d.Severity >= DiagnosticSeverity.Warning).ToLookup(d => TableCases.NumberAt(program, d.Location.SourceSpan.Start));

        string[] missed = [.. cases.Where((c, i) => c.Refused && !byCase[i].Any()).Select(static c => $"{c.Row}: {c.Code}")];
        string[] alarms = [.. cases.SelectMany((c, i) => c.Refused ? [] : byCase[i].Select(d => $"{c.Row}: {c.Code}: {d.GetMessage()}"))];
        Assert.True(alarms.Length == 0, string.Join('\n', alarms));
        int refused = cases.Count(static c => c.Refused);
        TestContext.Current.TestOutputHelper?.WriteLine($"{refused - missed.Length} of {refused} refused cases are found, {cases.Length - refused} that cross are left alone\n{string.Join('\n', missed)}");
        Assert.True(refused - missed.Length >= Wanted * refused, $"{missed.Length} of {refused} refused cases are not found:\n{string.Join('\n', missed)}");
    }

    private static IEnumerable<string> RowsOfThePage()
    {
        string root = typeof(TableTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(static a => a.Key == "RepositoryRoot").Value!;
        string? table = null;
        foreach (string line in File.ReadLines(Path.Combine(root, "docs/portability.md")))
        {
            if (line.StartsWith("## ", StringComparison.Ordinal))
                table = line[3..];
            else if (line.StartsWith("| ", StringComparison.Ordinal) && Tables.Contains(table) && line[2..].Split(" | ")[0] is { } row && row is not ("| |" or "captured" or "type"))
                yield return row;
        }
    }
}
