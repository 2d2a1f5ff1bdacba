using System.Linq;
using Kernmantle.Analyzers.Library;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace Kernmantle.Analyzers.Rules.Pools;

/// <summary>KM0028: a call on an object or a pool that was disposed of before, in the same run of statements; or one that is returned from where it is disposed of.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class UseAfterDisposalAnalyzer() : WorkerCallAnalyzer(Alive)
{
    private static readonly DiagnosticDescriptor Alive = Library.Rule.New(
        "KM0028",
        Library.Rule.Reliability,
        "What was disposed of serves no calls",
        "'{0}' has been disposed of when this is called",
        "Disposing of a Remote<T> disposes of the object in its worker, and disposing of a pool ends its workers. Calls afterwards fail.");

    private protected override void Register(CompilationStartAnalysisContext start, KernmantleTypes types)
    {
        start.RegisterOperationAction(context => LookAtDisposal(context, types), OperationKind.Invocation);
        start.RegisterOperationAction(context => LookAtReturn(context, types), OperationKind.Return);
    }

    private static void LookAtDisposal(OperationAnalysisContext context, KernmantleTypes types)
    {
        var disposal = (IInvocationOperation)context.Operation;
        if (!types.IsDisposal(disposal.TargetMethod) || Variable(disposal.Instance) is not { } variable || StatementOf(disposal) is not { Parent: IBlockOperation block } statement)
            return;
        foreach (IOperation later in block.Operations.SkipWhile(o => o != statement).Skip(1))
        {
            // What a function within does with it happens who knows when, and often on purpose.
            foreach (IOperation use in later.DescendantsAndSelf().Where(static o => o is ILocalReferenceOperation or IParameterReferenceOperation))
            {
                if (!SymbolEqualityComparer.Default.Equals(Variable(use), variable) || IsInFunction(use, later))
                    continue;
                if (Captures.UseOf(use) is { Reads: false })
                    return;   // it is another one from here on
                if (use.Parent is IInvocationOperation call && call.Instance == use && (types.CallOf(call) is not null || types.KeepsPlace(call.TargetMethod)))
                    context.ReportDiagnostic(Diagnostic.Create(Alive, WorkerCall.NameIn(call.Syntax), variable.Name));
            }
        }
    }

    /// <summary>An object that is disposed of at the end of the scope that returns it.</summary>
    private static void LookAtReturn(OperationAnalysisContext context, KernmantleTypes types)
    {
        if (((IReturnOperation)context.Operation).ReturnedValue is { } value && Values.Unwrapped(value) is ILocalReferenceOperation { Local: { IsUsing: true } variable } returned
            && types.IsDisposable(variable.Type))
            context.ReportDiagnostic(Diagnostic.Create(Alive, returned.Syntax.GetLocation(), variable.Name));
    }

    private static ISymbol? Variable(IOperation? operation) => operation switch
    {
        ILocalReferenceOperation reference => reference.Local,
        IParameterReferenceOperation reference => reference.Parameter,
        _ => null,
    };

    /// <summary>The statement that does nothing else, so that what follows always comes after.</summary>
    private static IOperation? StatementOf(IInvocationOperation disposal)
    {
        IOperation? at = disposal.Parent;
        while (at is IAwaitOperation or IInvocationOperation)
            at = at.Parent;
        return at as IExpressionStatementOperation;
    }

    private static bool IsInFunction(IOperation use, IOperation within)
    {
        for (IOperation? at = use; at is not null && at != within.Parent; at = at.Parent)
        {
            if (at is IAnonymousFunctionOperation or ILocalFunctionOperation)
                return true;
        }
        return false;
    }
}
