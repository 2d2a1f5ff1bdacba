using Kernmantle.Analyzers.Library;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace Kernmantle.Analyzers.Rules.Functions;

/// <summary>KM0019: a function that returns a value task, or a task of a task: it would be the result, and is refused everywhere. Of <c>Run</c>, KM0001 says it.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class ValueTaskAnalyzer() : WorkerCallAnalyzer(Awaited)
{
    private static readonly DiagnosticDescriptor Awaited = Library.Rule.New(
        "KM0019",
        Library.Rule.Usage,
        "A function returns its value or a Task",
        "The '{0}' that this function returns would not be awaited: return a Task, by AsTask() or an await",
        "Members that take asynchronous functions await a Task. Any other result that is to be awaited is refused, with NotPortableException, when the call is made, on threads too.",
        DiagnosticSeverity.Error);

    private protected override void Look(OperationAnalysisContext context, WorkerCall call)
    {
        if (call.Kind != CallKind.Run && call.Result is { } result && call.Types.Platform.IsTask(result))
            context.ReportDiagnostic(Diagnostic.Create(Rule, call.FunctionArgument.Value.Syntax.GetLocation(), result.ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat)));
    }
}
