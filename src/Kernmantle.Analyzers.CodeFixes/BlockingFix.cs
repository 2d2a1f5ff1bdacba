using System.Composition;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Kernmantle.Analyzers.CodeFixes;

/// <summary>KM0023: an await where one may stand, else <c>Run</c> for a synchronous function of a pool.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp), Shared]
public sealed class BlockingFix() : Fix("Wait without blocking on a task", "KM0023")
{
    private protected override bool CanFix(Problem problem) => Find(problem) is { } found && (Problem.MayAwait(found.Wait) || IsSynchronous(problem, found.Call));

    private protected override Task<Solution> FixAsync(Problem problem, CancellationToken cancellationToken)
    {
        (InvocationExpressionSyntax call, ExpressionSyntax wait) = Find(problem)!.Value;
        return problem.ReplaceAsync(wait, Problem.MayAwait(wait) ? Problem.Awaited(call, wait) : Problem.Renamed(call, "Run").WithTriviaFrom(wait));
    }

    /// <summary>The call, and what waits for it: the rule marks what stands between their ends.</summary>
    private static (InvocationExpressionSyntax Call, ExpressionSyntax Wait)? Find(Problem problem)
    {
        int callEnd = problem.Diagnostic.Location.SourceSpan.Start, waitEnd = problem.Diagnostic.Location.SourceSpan.End;
        ExpressionSyntax? wait = null;
        for (SyntaxNode? at = problem.Node; at is ExpressionSyntax expression && at.Span.End <= waitEnd; at = at.Parent)
            wait = expression;
        foreach (SyntaxNode inner in wait?.DescendantNodes() ?? [])
        {
            if (inner is InvocationExpressionSyntax call && call.Span.End == callEnd)
                return (call, wait!);
        }
        return null;
    }

    /// <summary>Whether <c>Run</c> takes the same function.</summary>
    private static bool IsSynchronous(Problem problem, InvocationExpressionSyntax call)
    {
        if (problem.Model.GetSymbolInfo(call).Symbol is not IMethodSymbol { Name: "RunAsync" } method || method.Parameters.FirstOrDefault()?.Type is not INamedTypeSymbol { DelegateInvokeMethod: { } function })
            return false;
        INamedTypeSymbol? task = problem.Model.Compilation.GetTypeByMetadataName("System.Threading.Tasks.Task");
        for (ITypeSymbol? type = function.ReturnType; type is not null; type = type.BaseType)
        {
            if (SymbolEqualityComparer.Default.Equals(type, task))
                return false;
        }
        return true;
    }
}
