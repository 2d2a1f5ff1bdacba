using System.Linq;
using System.Threading.Tasks;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Kernmantle.Analyzers.CodeFixes;

/// <summary>What a rule has found, and where.</summary>
internal sealed class Problem(Document document, SyntaxNode root, SemanticModel model, Diagnostic diagnostic)
{
    public Document Document => document;

    public SemanticModel Model => model;

    public Diagnostic Diagnostic => diagnostic;

    /// <summary>The node that is marked.</summary>
    public SyntaxNode Node => root.FindNode(diagnostic.Location.SourceSpan, getInnermostNodeForTie: true);

    /// <summary>The call whose name is marked.</summary>
    public InvocationExpressionSyntax? Call => Node.FirstAncestorOrSelf<InvocationExpressionSyntax>();

    /// <summary>Whether an await may stand there.</summary>
    public static bool MayAwait(SyntaxNode at)
    {
        foreach (SyntaxNode around in at.Ancestors())
        {
            switch (around)
            {
                case LockStatementSyntax:
                    return false;
                case AnonymousFunctionExpressionSyntax lambda:
                    return lambda.Modifiers.Any(SyntaxKind.AsyncKeyword);
                case LocalFunctionStatementSyntax local:
                    return local.Modifiers.Any(SyntaxKind.AsyncKeyword);
                case MethodDeclarationSyntax method:
                    return method.Modifiers.Any(SyntaxKind.AsyncKeyword);
                case BaseMethodDeclarationSyntax or AccessorDeclarationSyntax or BaseFieldDeclarationSyntax or PropertyDeclarationSyntax:
                    return false;
                case GlobalStatementSyntax:
                    return true;
            }
        }
        return false;
    }

    /// <summary>The expression awaited, in parentheses where something is asked of its result.</summary>
    public static ExpressionSyntax Awaited(ExpressionSyntax task, SyntaxNode replaced)
    {
        ExpressionSyntax awaited = SyntaxFactory.AwaitExpression(SyntaxFactory.Token(SyntaxKind.AwaitKeyword).WithTrailingTrivia(SyntaxFactory.Space), task.WithoutTrivia());
        if (replaced.Parent is MemberAccessExpressionSyntax or ElementAccessExpressionSyntax or ConditionalAccessExpressionSyntax or PostfixUnaryExpressionSyntax)
            awaited = SyntaxFactory.ParenthesizedExpression(awaited);
        return awaited.WithTriviaFrom(replaced);
    }

    /// <summary>A call under another name.</summary>
    public static InvocationExpressionSyntax Renamed(InvocationExpressionSyntax call, string name) =>
        call.Expression is MemberAccessExpressionSyntax access
            ? call.WithExpression(access.WithName(access.Name switch
            {
                GenericNameSyntax generic => generic.WithIdentifier(SyntaxFactory.Identifier(name).WithTriviaFrom(generic.Identifier)),
                _ => SyntaxFactory.IdentifierName(name).WithTriviaFrom(access.Name),
            }))
            : call;

    public Task<Solution> ReplaceAsync(SyntaxNode old, SyntaxNode @new) =>
        Task.FromResult(document.WithSyntaxRoot(root.ReplaceNode(old, @new)).Project.Solution);
}
