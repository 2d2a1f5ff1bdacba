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
            || IsGivenToken(call.Invocation, call.Types.Platform)
            || (call.Kind is CallKind.Map or CallKind.Stream && IsReadWithToken(call.Invocation, call.Types.Platform))
            || TokenAt(call.Invocation, call.Types) is not { } token)
            return;
        context.ReportDiagnostic(Diagnostic.Create(Rule, call.Name, properties: System.Collections.Immutable.ImmutableDictionary<string, string?>.Empty.Add(Token, token.Name), token.Name));
    }

    private static bool IsGivenToken(IInvocationOperation call, PlatformTypes platform) =>
        call.Arguments.Any(a => a.ArgumentKind != ArgumentKind.DefaultValue && platform.IsToken(a.Value.Type));

    /// <summary>The stream, or what is made of it, is given a token where it is read: by <c>WithCancellation</c>, by <c>ToArrayAsync(token)</c>.</summary>
    private static bool IsReadWithToken(IInvocationOperation call, PlatformTypes platform)
    {
        while (TakerOf(call) is { } taker)
        {
            if (IsGivenToken(taker, platform))
                return true;
            if (!platform.IsStream(taker.Type) && !platform.ConfigureAwaits.Contains(taker.TargetMethod.OriginalDefinition))
                return false;
            call = taker;
        }
        return false;
    }

    /// <summary>The method that is called with, or on, what the call returns.</summary>
    private static IInvocationOperation? TakerOf(IInvocationOperation call)
    {
        IOperation? parent = call.Parent;
        while (parent is IArgumentOperation or IConversionOperation or IParenthesizedOperation)
            parent = parent.Parent;
        return parent as IInvocationOperation;
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
