using Kernmantle.Analyzers.Library;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace Kernmantle.Analyzers.Rules.Calls;

/// <summary>KM0024: a map or a stream that nobody reads: it does nothing.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class UnreadStreamAnalyzer() : WorkerCallAnalyzer(IsRead)
{
    private static readonly DiagnosticDescriptor IsRead = Library.Rule.New(
        "KM0024",
        Library.Rule.Usage,
        "A stream runs while it is read",
        "Nothing runs before this stream is read: read it by await foreach, or call ForEachAsync",
        "Maps and streams pull their inputs while somebody reads their results. What nobody reads never begins.");

    private protected override void Look(OperationAnalysisContext context, WorkerCall call)
    {
        bool isDropped = call.Invocation.Parent is IExpressionStatementOperation or ISimpleAssignmentOperation { Target: IDiscardOperation };
        if (call.Kind is CallKind.Map or CallKind.Stream && isDropped)
            context.ReportDiagnostic(Diagnostic.Create(Rule, call.Name));
    }
}
