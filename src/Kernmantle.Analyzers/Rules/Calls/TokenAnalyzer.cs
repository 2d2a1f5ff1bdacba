using System.Linq;
using Kernmantle.Analyzers.Library;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace Kernmantle.Analyzers.Rules.Calls;

/// <summary>KM0022: a call without the token that its method has at hand.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class TokenAnalyzer() : WorkerCallAnalyzer(Passed)
{
    /// <summary>The key of the token's name, for the code fix.</summary>
    public const string Token = "token";

    private static readonly DiagnosticDescriptor Passed = Library.Rule.New(
        "KM0022",
        Library.Rule.Usage,
        "A call is given the token at hand",
        "'{0}' is at hand, and this call goes on when it is cancelled: pass it",
        "A call that is given a token leaves the queue when it is cancelled, and its worker is stopped or replaced. One that is not runs on for nobody.");

    private protected override void Look(OperationAnalysisContext context, WorkerCall call)
    {
        if (call.Kind is CallKind.OnThread or CallKind.OnProcess
            || call.Invocation.Arguments.Any(a => a.ArgumentKind != ArgumentKind.DefaultValue && call.Types.Platform.IsToken(a.Value.Type))
            || TokenAt(call.Invocation, call.Types) is not { } token)
            return;
        context.ReportDiagnostic(Diagnostic.Create(Rule, call.Name, properties: System.Collections.Immutable.ImmutableDictionary<string, string?>.Empty.Add(Token, token.Name), token.Name));
    }

    /// <summary>The parameter of the function around, or of one around that; a static one has no other.</summary>
    private static IParameterSymbol? TokenAt(IInvocationOperation call, KernmantleTypes types)
    {
        for (ISymbol? at = call.SemanticModel?.GetEnclosingSymbol(call.Syntax.SpanStart); at is IMethodSymbol function; at = at.ContainingSymbol)
        {
            if (function.Parameters.FirstOrDefault(p => types.Platform.IsToken(p.Type)) is { RefKind: RefKind.None } token)
                return token;
            if (function.IsStatic || function.MethodKind is not (MethodKind.AnonymousFunction or MethodKind.LocalFunction))
                return null;
        }
        return null;
    }
}
