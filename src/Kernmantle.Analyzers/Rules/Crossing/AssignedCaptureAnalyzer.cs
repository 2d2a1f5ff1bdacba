using System.Collections.Generic;
using Kernmantle.Analyzers.Library;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace Kernmantle.Analyzers.Rules.Crossing;

/// <summary>KM0016: a captured variable that the function assigns: the worker has a copy.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class AssignedCaptureAnalyzer() : WorkerCallAnalyzer(Copied)
{
    private static readonly DiagnosticDescriptor Copied = Library.Rule.New(
        "KM0016",
        Library.Rule.Portability,
        "A captured variable is a copy in the worker",
        "The worker assigns its own copy of '{0}', and nobody here sees that: return the value instead",
        "Captured variables cross by value. A change that the function makes stays in the worker's process.");

    private protected override void Look(OperationAnalysisContext context, WorkerCall call)
    {
        if (!call.MayCross())
            return;
        foreach (KeyValuePair<ISymbol, IOperation> assigned in call.Captures.Assigned)
            context.ReportCrossing(call, Rule, assigned.Value.Syntax.GetLocation(), properties: null, assigned.Key.Name);
    }
}
