using System.Composition;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Kernmantle.Analyzers.Rules.Calls;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Kernmantle.Analyzers.CodeFixes;

/// <summary>KM0022: the call is given the token.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp), Shared]
public sealed class TokenFix() : Fix("Pass the token", "KM0022")
{
    private protected override bool CanFix(Problem problem) => problem.Call is not null && problem.Diagnostic.Properties.ContainsKey(TokenAnalyzer.Token);

    private protected override Task<Solution> FixAsync(Problem problem, CancellationToken cancellationToken)
    {
        InvocationExpressionSyntax call = problem.Call!;
        // By name where something optional stands before it.
        bool byName = problem.Model.GetSymbolInfo(call, cancellationToken).Symbol is IMethodSymbol method
            && method.Parameters.Count(static p => p.Name != "cancellationToken") > call.ArgumentList.Arguments.Count;
        ArgumentSyntax token = SyntaxFactory.Argument(SyntaxFactory.IdentifierName(problem.Diagnostic.Properties[TokenAnalyzer.Token]!));
        if (byName || call.ArgumentList.Arguments.Any(static a => a.NameColon is not null))
            token = token.WithNameColon(SyntaxFactory.NameColon("cancellationToken").WithTrailingTrivia(SyntaxFactory.Space));
        return problem.ReplaceAsync(call, call.WithArgumentList(call.ArgumentList.WithArguments(Appended(call.ArgumentList.Arguments, token))));
    }

    private static SeparatedSyntaxList<ArgumentSyntax> Appended(SeparatedSyntaxList<ArgumentSyntax> arguments, ArgumentSyntax token) =>
        SyntaxFactory.SeparatedList(arguments.Append(token), [.. arguments.GetSeparators(), SyntaxFactory.Token(SyntaxKind.CommaToken).WithTrailingTrivia(SyntaxFactory.Space)]);
}
