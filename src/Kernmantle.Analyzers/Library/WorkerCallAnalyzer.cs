using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace Kernmantle.Analyzers.Library;

/// <summary>A rule that looks at calls of functions on workers. Without the library in the compilation it does nothing.</summary>
public abstract class WorkerCallAnalyzer : DiagnosticAnalyzer
{
    private protected WorkerCallAnalyzer(DiagnosticDescriptor rule)
    {
        Rule = rule;
        SupportedDiagnostics = [rule];
    }

    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; }

    private protected DiagnosticDescriptor Rule { get; }

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        // A page of Razor is generated code too.
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.Analyze | GeneratedCodeAnalysisFlags.ReportDiagnostics);
        context.RegisterCompilationStartAction(start =>
        {
            if (KernmantleTypes.Of(start.Compilation) is { } types)
                Register(start, types);
        });
    }

    private protected virtual void Register(CompilationStartAnalysisContext start, KernmantleTypes types) =>
        start.RegisterOperationAction(
            context =>
            {
                if (types.CallOf((IInvocationOperation)context.Operation) is { } call)
                    Look(context, call);
            },
            OperationKind.Invocation);

    private protected virtual void Look(OperationAnalysisContext context, WorkerCall call)
    {
    }
}
