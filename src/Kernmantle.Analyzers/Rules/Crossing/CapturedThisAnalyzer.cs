using System.Linq;
using Kernmantle.Analyzers.Library;
using Kernmantle.Analyzers.Portability;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace Kernmantle.Analyzers.Rules.Crossing;

/// <summary>KM0010: <c>this</c>, or the object of a method, that cannot cross.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class CapturedThisAnalyzer() : WorkerCallAnalyzer(Crosses)
{
    private static readonly DiagnosticDescriptor Crosses = Library.Rule.New(
        "KM0010",
        Library.Rule.Portability,
        "The object of a function crosses to the worker's process",
        "'{0}' cannot cross to a process: {1} Copy what the function needs into local variables, or make the function static.",
        "A function that uses a member of its object takes the whole object along. What cannot be copied whole is refused, with NotPortableException, when the call is made.");

    private protected override void Look(OperationAnalysisContext context, WorkerCall call)
    {
        if (!call.MayCross())
            return;
        (IOperation? at, ITypeSymbol? type) = call.Function.Method is { Instance: { } instance, Method.MethodKind: not (MethodKind.LocalFunction or MethodKind.DelegateInvoke) }
            ? (instance, instance.Type)
            : call.Captures is { This: { } use } captures
                ? (use, ThisOf(use, captures))
                : (null, null);
        if (at is null || type is null || call.Types.Portable.Check(type) is not { IsHandle: false } refusal)
            return;
        string subject = at is IInstanceReferenceOperation or IParameterReferenceOperation { Parameter.ContainingSymbol: IMethodSymbol { MethodKind: MethodKind.Constructor } } ? "this" : at.Syntax.ToString();
        context.ReportCrossing(
            call,
            Rule,
            At(at),
            RefusedMember.PropertiesOf(refusal),
            Subjects.Of(subject, refusal),
            refusal.Remedy);
    }

    /// <summary>Null where nothing of the object has to travel: it is all that is captured, and has no state.</summary>
    private static ITypeSymbol? ThisOf(IOperation use, Captures captures)
    {
        ITypeSymbol? type = use.Type is not null && use is IInstanceReferenceOperation ? use.Type : ((use as IParameterReferenceOperation)?.Parameter.ContainingSymbol)?.ContainingType;
        return type is { IsValueType: false } && !captures.Read.Any() && !captures.Assigned.Any() && HasNoState(type) ? null : type;
    }

    private static bool HasNoState(ITypeSymbol type)
    {
        for (ITypeSymbol? at = type; at is INamedTypeSymbol { SpecialType: not SpecialType.System_Object } named; at = at.BaseType)
        {
            if (!at.Locations.Any(static l => l.IsInSource) || Field.Of(named).Any())
                return false;
        }
        return true;
    }

    /// <summary>An implicit <c>this</c> is marked by the member that it is asked for.</summary>
    private static Location At(IOperation use) => (use.IsImplicit && use.Parent is not null ? use.Parent.Syntax : use.Syntax).GetLocation();
}
