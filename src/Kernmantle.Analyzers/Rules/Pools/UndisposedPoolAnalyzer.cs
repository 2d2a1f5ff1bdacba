using System.Linq;
using Kernmantle.Analyzers.Library;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace Kernmantle.Analyzers.Rules.Pools;

/// <summary>KM0027: a pool in a variable that never leaves the function, and is not disposed of there.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class UndisposedPoolAnalyzer() : WorkerCallAnalyzer(Disposed)
{
    private static readonly DiagnosticDescriptor Disposed = Library.Rule.New(
        "KM0027",
        Library.Rule.Reliability,
        "A pool is disposed of",
        "Nobody disposes of this pool: its workers live on. Declare it with 'await using'.",
        "Workers wait for calls until their pool is disposed of, or the program ends.");

    private protected override void Register(CompilationStartAnalysisContext start, KernmantleTypes types) =>
        start.RegisterOperationAction(
            context =>
            {
                var made = (IInvocationOperation)context.Operation;
                if (types.FactoryOf(made.TargetMethod) is not null and not Place.Inline && IsForgotten(types, made))
                    context.ReportDiagnostic(Diagnostic.Create(Disposed, WorkerCall.NameIn(made.Syntax)));
            },
            OperationKind.Invocation);

    private static bool IsForgotten(KernmantleTypes types, IInvocationOperation made) => made.Parent switch
    {
        IExpressionStatementOperation or ISimpleAssignmentOperation { Target: IDiscardOperation } => true,
        IVariableInitializerOperation { Parent: IVariableDeclaratorOperation { Symbol: { IsUsing: false } variable } declarator } => !IsKept(types, declarator, variable),
        _ => false,
    };

    /// <summary>Whether it is disposed of, or handed to somebody who may: anything else than a call on it.</summary>
    private static bool IsKept(KernmantleTypes types, IOperation declarator, ILocalSymbol variable)
    {
        // A using statement declares it.
        IOperation root = declarator;
        for (; root.Parent is not null; root = root.Parent)
        {
            if (root is IUsingOperation { Resources: { } resources } && resources.Syntax.Contains(declarator.Syntax))
                return true;
        }
        return root.Descendants().OfType<ILocalReferenceOperation>()
            .Where(r => SymbolEqualityComparer.Default.Equals(r.Local, variable))
            .Any(r => r.Parent switch
            {
                IInvocationOperation call when call.Instance == r => types.IsDisposal(call.TargetMethod) || types.KeepsPlace(call.TargetMethod) && types.CallOf(call) is null && !IsReceiver(types, call),
                IPropertyReferenceOperation => false,
                _ => true,
            });
    }

    /// <summary>What stands for the pool is used for a call at once.</summary>
    private static bool IsReceiver(KernmantleTypes types, IInvocationOperation with) =>
        with.Parent is IInvocationOperation call && call.Instance == with && types.CallOf(call) is not null || with.Parent is IAwaitOperation;
}
