using System.Collections.Immutable;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace Kernmantle.Analyzers;

/// <summary>KM0001: <c>Run</c> with an asynchronous function, whose task nobody would wait for.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class AsyncRunAnalyzer : DiagnosticAnalyzer
{
    private static readonly DiagnosticDescriptor Rule = new(
        "KM0001",
        "Run takes synchronous functions",
        "Run would not wait for this asynchronous function: await RunAsync instead",
        "Usage",
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        "Run waits for the return of the function. An asynchronous one returns a task while it still runs, or, as an Action, nothing at all.",
        "docs/analyzers/KM0001.md");

    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [Rule];

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        // A page of Razor is generated code too.
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.Analyze | GeneratedCodeAnalysisFlags.ReportDiagnostics);
        context.RegisterOperationAction(Look, OperationKind.Invocation);
    }

    private static void Look(OperationAnalysisContext context)
    {
        var call = (IInvocationOperation)context.Operation;
        if (IsRun(call.TargetMethod) && call.Arguments.FirstOrDefault(static a => a.Parameter?.Ordinal == 0) is { } function && IsAsynchronous(function))
            context.ReportDiagnostic(Diagnostic.Create(Rule, NameIn(call.Syntax)));
    }

    private static bool IsRun(IMethodSymbol method) =>
        method is
        {
            Name: "Run",
            ContainingType: { Name: "WorkerPool" or "CallInvoker", ContainingNamespace: { Name: "Kernmantle", ContainingNamespace.IsGlobalNamespace: true } },
        };

    /// <summary>By its type, whatever the argument is; where the type says nothing, by the function that stands there.</summary>
    private static bool IsAsynchronous(IArgumentOperation function) =>
        function.Parameter?.Type is INamedTypeSymbol { DelegateInvokeMethod: { } invoke }
        && (invoke.ReturnsVoid ? IsAsyncVoid(function.Value) : IsTask(invoke.ReturnType));

    private static bool IsAsyncVoid(IOperation function) => function switch
    {
        IConversionOperation conversion => IsAsyncVoid(conversion.Operand),
        IDelegateCreationOperation creation => IsAsyncVoid(creation.Target),
        IAnonymousFunctionOperation lambda => lambda.Symbol.IsAsync,
        IMethodReferenceOperation reference => reference.Method.IsAsync,
        _ => false,
    };

    private static bool IsTask(ITypeSymbol? type)
    {
        for (; type is not null; type = type.BaseType)
        {
            if (type is { Name: "Task" or "ValueTask", ContainingNamespace: { } space } && space.ToDisplayString() == "System.Threading.Tasks")
                return true;
        }
        return false;
    }

    private static Location NameIn(SyntaxNode call) => (call as InvocationExpressionSyntax)?.Expression switch
    {
        MemberAccessExpressionSyntax access => access.Name.Identifier.GetLocation(),
        MemberBindingExpressionSyntax binding => binding.Name.Identifier.GetLocation(),
        _ => call.GetLocation(),
    };
}
