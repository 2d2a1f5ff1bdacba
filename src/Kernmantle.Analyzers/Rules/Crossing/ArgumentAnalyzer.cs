using Kernmantle.Analyzers.Library;
using Kernmantle.Analyzers.Portability;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace Kernmantle.Analyzers.Rules.Crossing;

/// <summary>KM0011: an argument of a type that cannot cross.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class ArgumentAnalyzer() : WorkerCallAnalyzer(Crosses)
{
    private static readonly DiagnosticDescriptor Crosses = Library.Rule.New(
        "KM0011",
        Library.Rule.Portability,
        "An argument crosses to the worker's process",
        "An argument of '{0}' cannot cross to a process: {1}",
        "Arguments are copied to the worker's process, as the type that they are declared as. What would be refused or lose state there is refused, with NotPortableException, when the call is made.");

    private protected override void Look(OperationAnalysisContext context, WorkerCall call)
    {
        if (!call.MayCross())
            return;
        foreach ((ITypeSymbol type, IArgumentOperation? argument) in call.Arguments)
        {
            if (call.Types.Portable.Check(type) is { IsHandle: false } refusal)
                context.ReportCrossing(call, Rule, argument?.Syntax.GetLocation() ?? call.Name, RefusedMember.PropertiesOf(refusal), Subjects.Of(type, refusal), refusal.Remedy);
        }
    }
}
