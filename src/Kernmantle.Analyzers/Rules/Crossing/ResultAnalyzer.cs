using Kernmantle.Analyzers.Library;
using Kernmantle.Analyzers.Portability;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace Kernmantle.Analyzers.Rules.Crossing;

/// <summary>KM0012: a result of a type that cannot cross back.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class ResultAnalyzer() : WorkerCallAnalyzer(Crosses)
{
    private static readonly DiagnosticDescriptor Crosses = Library.Rule.New(
        "KM0012",
        Library.Rule.Portability,
        "A result crosses back from the worker's process",
        "A result of '{0}' cannot cross from a process: {1}",
        "The result is copied back, as the type that the function returns. A function whose result would be refused or lose state is refused, with NotPortableException, when the call is made.");

    private protected override void Look(OperationAnalysisContext context, WorkerCall call)
    {
        // A task is the business of other rules, wherever it runs.
        if (call.MayCross() && call.Result is { } type && !call.Types.Platform.IsTask(type) && call.Types.Portable.Check(type) is { IsHandle: false } refusal)
            context.ReportCrossing(call, Rule, call.Name, RefusedMember.PropertiesOf(refusal), Subjects.Of(type, refusal), refusal.Remedy);
    }
}
