using System.Composition;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Kernmantle.Analyzers.CodeFixes;

/// <summary>KM0001: <c>await RunAsync</c>, where an await may stand.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp), Shared]
public sealed class AsyncRunFix() : Fix("Await RunAsync", "KM0001")
{
    private protected override bool CanFix(Problem problem) =>
        problem.Call is { Expression: MemberAccessExpressionSyntax { Name: IdentifierNameSyntax } } call && Problem.MayAwait(call);

    private protected override Task<Solution> FixAsync(Problem problem, CancellationToken cancellationToken) =>
        problem.ReplaceAsync(problem.Call!, Problem.Awaited(Problem.Renamed(problem.Call!, "RunAsync"), problem.Call!));
}
