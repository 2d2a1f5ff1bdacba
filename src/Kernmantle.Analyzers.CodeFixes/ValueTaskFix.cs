using System.Composition;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Kernmantle.Analyzers.CodeFixes;

/// <summary>KM0019: <c>AsTask()</c> on what a lambda returns.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp), Shared]
public sealed class ValueTaskFix() : Fix("Return a Task, by AsTask()", "KM0019")
{
    private protected override bool CanFix(Problem problem) => Result(problem) is { } result && problem.Model.GetTypeInfo(result).Type is { Name: "ValueTask" };

    private protected override Task<Solution> FixAsync(Problem problem, CancellationToken cancellationToken)
    {
        ExpressionSyntax result = Result(problem)!;
        ExpressionSyntax task = result is InvocationExpressionSyntax or IdentifierNameSyntax or MemberAccessExpressionSyntax ? result.WithoutTrivia() : SyntaxFactory.ParenthesizedExpression(result.WithoutTrivia());
        return problem.ReplaceAsync(result, SyntaxFactory.InvocationExpression(SyntaxFactory.MemberAccessExpression(SyntaxKind.SimpleMemberAccessExpression, task, SyntaxFactory.IdentifierName("AsTask"))).WithTriviaFrom(result));
    }

    private static ExpressionSyntax? Result(Problem problem) =>
        problem.Node is LambdaExpressionSyntax { AsyncKeyword.RawKind: 0 } lambda ? lambda.ExpressionBody : null;
}
