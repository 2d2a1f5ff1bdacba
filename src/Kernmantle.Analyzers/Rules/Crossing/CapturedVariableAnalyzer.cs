using System.Collections.Generic;
using Kernmantle.Analyzers.Library;
using Kernmantle.Analyzers.Portability;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace Kernmantle.Analyzers.Rules.Crossing;

/// <summary>KM0009: a captured variable whose value cannot cross.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class CapturedVariableAnalyzer() : WorkerCallAnalyzer(Crosses)
{
    private static readonly DiagnosticDescriptor Crosses = Library.Rule.New(
        "KM0009",
        Library.Rule.Portability,
        "A captured variable crosses to the worker's process",
        "'{0}' cannot cross to a process: {1}",
        "What a function captures is copied to the worker's process. What cannot be copied whole is refused, with NotPortableException, when the call is made.");

    private protected override void Look(OperationAnalysisContext context, WorkerCall call)
    {
        if (!call.MayCross())
            return;
        foreach (KeyValuePair<ISymbol, IOperation> captured in call.Captures.Read)
        {
            ITypeSymbol? type = Captures.TypeOf(captured.Key);
            if (type is not null && call.Types.Portable.Check(type) is { IsHandle: false } refusal)
                context.ReportCrossing(call, Rule, captured.Value.Syntax.GetLocation(), RefusedMember.PropertiesOf(refusal), Subjects.Of(captured.Key.Name, refusal), refusal.Remedy);
        }
    }
}
