using System.Composition;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Kernmantle.Analyzers.CodeFixes;

/// <summary>KM0020: a static lambda.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp), Shared]
public sealed class StaticLambdaFix() : Fix("Make the lambda static", "KM0020")
{
    private protected override bool CanFix(Problem problem) => Lambda(problem) is not null;

    private protected override Task<Solution> FixAsync(Problem problem, CancellationToken cancellationToken)
    {
        AnonymousFunctionExpressionSyntax lambda = Lambda(problem)!;
        SyntaxToken modifier = SyntaxFactory.Token(SyntaxKind.StaticKeyword).WithTrailingTrivia(SyntaxFactory.Space).WithLeadingTrivia(lambda.GetLeadingTrivia());
        AnonymousFunctionExpressionSyntax bare = lambda.WithoutLeadingTrivia();
        return problem.ReplaceAsync(lambda, bare.WithModifiers(bare.Modifiers.Insert(0, modifier)));
    }

    private static AnonymousFunctionExpressionSyntax? Lambda(Problem problem) => problem.Node.FirstAncestorOrSelf<AnonymousFunctionExpressionSyntax>();
}
