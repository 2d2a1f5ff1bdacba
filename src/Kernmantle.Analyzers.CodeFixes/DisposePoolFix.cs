using System.Composition;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Kernmantle.Analyzers.CodeFixes;

/// <summary>KM0027: <c>await using</c>, or <c>using</c> where no await may stand.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp), Shared]
public sealed class DisposePoolFix() : Fix("Dispose of the pool at the end of its scope", "KM0027")
{
    private protected override bool CanFix(Problem problem) => Declaration(problem) is { Declaration.Variables.Count: 1, Parent: BlockSyntax or GlobalStatementSyntax };

    private protected override Task<Solution> FixAsync(Problem problem, CancellationToken cancellationToken)
    {
        LocalDeclarationStatementSyntax declaration = Declaration(problem)!;
        LocalDeclarationStatementSyntax bare = declaration.WithoutLeadingTrivia();
        LocalDeclarationStatementSyntax disposed = bare.WithUsingKeyword(SyntaxFactory.Token(SyntaxKind.UsingKeyword).WithTrailingTrivia(SyntaxFactory.Space));
        if (Problem.MayAwait(declaration))
            disposed = disposed.WithAwaitKeyword(SyntaxFactory.Token(SyntaxKind.AwaitKeyword).WithTrailingTrivia(SyntaxFactory.Space));
        return problem.ReplaceAsync(declaration, disposed.WithLeadingTrivia(declaration.GetLeadingTrivia()));
    }

    private static LocalDeclarationStatementSyntax? Declaration(Problem problem) => problem.Node.FirstAncestorOrSelf<LocalDeclarationStatementSyntax>();
}
