using Kernmantle.Analyzers.Library;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace Kernmantle.Analyzers.Rules.Pools;

/// <summary>KM0026: a pool that is made for one call: in the call itself, or in the handler of a request.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class PoolPerCallAnalyzer() : WorkerCallAnalyzer(Shared)
{
    private static readonly DiagnosticDescriptor Shared = Library.Rule.New(
        "KM0026",
        Library.Rule.Reliability,
        "One pool serves many calls",
        "This makes a pool, and starts its workers, for {0}: make one, and keep it",
        "Starting a worker's process costs some 50 ms and more, a call some microseconds. A pool is made once, serves any number of calls at once, and is disposed of at the end.");

    private protected override void Register(CompilationStartAnalysisContext start, KernmantleTypes types)
    {
        INamedTypeSymbol? controller = start.Compilation.GetTypeByMetadataName("Microsoft.AspNetCore.Mvc.ControllerBase");
        INamedTypeSymbol? endpoints = start.Compilation.GetTypeByMetadataName("Microsoft.AspNetCore.Routing.IEndpointRouteBuilder");
        start.RegisterOperationAction(
            context =>
            {
                var made = (IInvocationOperation)context.Operation;
                if (types.FactoryOf(made.TargetMethod) is Place.Processes or Place.Threads or Place.EventLoop && ReasonOf(types, made, controller, endpoints) is { } reason)
                    context.ReportDiagnostic(Diagnostic.Create(Shared, WorkerCall.NameIn(made.Syntax), reason));
            },
            OperationKind.Invocation);
    }

    private static string? ReasonOf(KernmantleTypes types, IInvocationOperation made, INamedTypeSymbol? controller, INamedTypeSymbol? endpoints)
    {
        IOperation used = made;
        while (used.Parent is IInvocationOperation { TargetMethod: { } method } next && types.KeepsPlace(method) && next.Instance == used)
            used = next;
        if (used.Parent is IInvocationOperation call && call.Instance == used && types.CallOf(call) is { Kind: not CallKind.Create })
            return "one call";
        if (!IsLocal(used))
            return null;
        for (IOperation? at = made.Parent; at is not null; at = at.Parent)
        {
            if (at is IAnonymousFunctionOperation && HandlerOf(at) is { TargetMethod: { } map } && endpoints is not null && map.Parameters.Length > 0 && SymbolEqualityComparer.Default.Equals(map.Parameters[0].Type, endpoints))
                return "each request";
        }
        return controller is not null && made.SemanticModel?.GetEnclosingSymbol(made.Syntax.SpanStart) is IMethodSymbol { MethodKind: MethodKind.Ordinary, ContainingType: { } type } && Portability.TypeExtensions.DerivesFrom(type, controller)
            ? "each request"
            : null;
    }

    /// <summary>It goes into a variable of the function, and not into a field that outlives it.</summary>
    private static bool IsLocal(IOperation pool)
    {
        IOperation? at = pool.Parent;
        while (at is IConversionOperation or IParenthesizedOperation)
            at = at.Parent;
        return at is IVariableInitializerOperation or IUsingOperation;
    }

    /// <summary>The method that is given the function.</summary>
    private static IInvocationOperation? HandlerOf(IOperation function)
    {
        IOperation? at = function.Parent;
        while (at is IConversionOperation or IDelegateCreationOperation or IArgumentOperation)
            at = at.Parent;
        return at as IInvocationOperation;
    }
}
