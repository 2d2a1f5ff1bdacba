using System.Composition;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Kernmantle.Analyzers.CodeFixes;

/// <summary>KM0018: the method or the lambda returns a task; a cast to an <c>Action</c> goes.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp), Shared]
public sealed class AsyncVoidFix() : Fix("Return a Task", "KM0018")
{
    private protected override bool CanFix(Problem problem) => Cast(problem) is not null || ReturnType(problem) is not null;

    private protected override Task<Solution> FixAsync(Problem problem, CancellationToken cancellationToken)
    {
        if (Cast(problem) is { } cast)
        {
            ExpressionSyntax function = cast.Expression;
            while (function is ParenthesizedExpressionSyntax inner)
                function = inner.Expression;
            return problem.ReplaceAsync(cast, function.WithTriviaFrom(cast));
        }
        TypeSyntax type = ReturnType(problem)!;
        return problem.ReplaceAsync(type, SyntaxFactory.ParseTypeName("System.Threading.Tasks.Task").WithTriviaFrom(type).WithAdditionalAnnotations(Microsoft.CodeAnalysis.Simplification.Simplifier.Annotation));
    }

    private static CastExpressionSyntax? Cast(Problem problem) => problem.Node is CastExpressionSyntax cast && ReturnType(cast.Expression) is null ? cast : null;

    private static TypeSyntax? ReturnType(Problem problem) => ReturnType(problem.Node) ?? (
        problem.Model.GetSymbolInfo(problem.Node).Symbol is IMethodSymbol method && method.DeclaringSyntaxReferences.FirstOrDefault() is { } declaration && declaration.SyntaxTree == problem.Node.SyntaxTree
            ? declaration.GetSyntax() switch
            {
                MethodDeclarationSyntax declared => declared.ReturnType,
                LocalFunctionStatementSyntax local => local.ReturnType,
                _ => null,
            }
            : null);

    /// <summary>Of a lambda that says it itself.</summary>
    private static TypeSyntax? ReturnType(SyntaxNode function) =>
        function.DescendantNodesAndSelf().OfType<AnonymousFunctionExpressionSyntax>().FirstOrDefault() is ParenthesizedLambdaExpressionSyntax { ReturnType: { } type } ? type : null;
}
