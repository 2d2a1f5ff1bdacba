using System.Composition;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Kernmantle.Analyzers.CodeFixes;

/// <summary>KM0014: the inner function itself, instead of its <c>Invoke</c>.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp), Shared]
public sealed class WrappedDelegateFix() : Fix("Pass the inner function", "KM0014")
{
    private protected override bool CanFix(Problem problem) => problem.Node is MemberAccessExpressionSyntax { Name.Identifier.ValueText: "Invoke" };

    private protected override Task<Solution> FixAsync(Problem problem, CancellationToken cancellationToken)
    {
        var access = (MemberAccessExpressionSyntax)problem.Node;
        return problem.ReplaceAsync(access, access.Expression.WithTriviaFrom(access));
    }
}
