using System.Composition;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Kernmantle.Analyzers.CodeFixes;

/// <summary>KM0021: without it, a function goes on where it was.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp), Shared]
public sealed class ConfigureAwaitFix() : Fix("Remove ConfigureAwait", "KM0021")
{
    private protected override bool CanFix(Problem problem) => problem.Call is { Expression: MemberAccessExpressionSyntax };

    private protected override Task<Solution> FixAsync(Problem problem, CancellationToken cancellationToken) =>
        problem.ReplaceAsync(problem.Call!, ((MemberAccessExpressionSyntax)problem.Call!.Expression).Expression.WithTrailingTrivia(problem.Call.GetTrailingTrivia()));
}
