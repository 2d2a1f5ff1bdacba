using Kernmantle.Analyzers.Library;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace Kernmantle.Analyzers.Rules.Crossing;

/// <summary>KM0014: a function that is no method of an assembly, so that a worker's process could not find it.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class FunctionAnalyzer() : WorkerCallAnalyzer(Named)
{
    private static readonly DiagnosticDescriptor Named = Library.Rule.New(
        "KM0014",
        Library.Rule.Portability,
        "A process finds a function by its name",
        "{0} cannot be named to a process: {1}",
        "A worker's process finds a function in its assembly. Delegates over several functions, compiled expressions, and delegates that wrap a delegate are in none, and are refused with NotPortableException.");

    private protected override void Look(OperationAnalysisContext context, WorkerCall call)
    {
        if (!call.MayCross() || Problem(call.Types, call.FunctionArgument.Value) is not var (what, remedy))
            return;
        context.ReportCrossing(call, Rule, call.FunctionArgument.Value.Syntax.GetLocation(), properties: null, what, remedy);
    }

    private static (string What, string Remedy)? Problem(KernmantleTypes types, IOperation function, bool mayFollow = true) => Values.Unwrapped(function) switch
    {
        IDelegateCreationOperation creation => Values.Unwrapped(creation.Target) is IAnonymousFunctionOperation or IMethodReferenceOperation { Method.MethodKind: not MethodKind.DelegateInvoke }
            ? null
            : ("A delegate that wraps another delegate", "pass the inner function itself, or a static lambda that calls it"),
        IBinaryOperation { OperatorKind: BinaryOperatorKind.Add or BinaryOperatorKind.Subtract, Type.TypeKind: TypeKind.Delegate } => Combined,
        IInvocationOperation made when types.Platform.Combines.Contains(made.TargetMethod.OriginalDefinition) => Combined,
        IInvocationOperation made when types.Platform.MakesFunction(made) => ("A function made at run time", "pass a lambda or a method"),
        ILocalReferenceOperation local when mayFollow && Values.InitializerOf(local) is { } made => Problem(types, made, mayFollow: false),
        _ => null,
    };

    private static (string What, string Remedy) Combined => ("A delegate that combines several functions", "pass one function, and call the others from it");
}
