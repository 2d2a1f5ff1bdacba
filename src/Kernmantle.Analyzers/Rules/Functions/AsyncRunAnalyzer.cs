using Kernmantle.Analyzers.Library;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace Kernmantle.Analyzers.Rules.Functions;

/// <summary>KM0001: <c>Run</c> with an asynchronous function, whose task nobody would wait for.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class AsyncRunAnalyzer() : WorkerCallAnalyzer(Synchronous)
{
    private static readonly DiagnosticDescriptor Synchronous = Library.Rule.New(
        "KM0001",
        Library.Rule.Usage,
        "Run takes synchronous functions",
        "Run would not wait for this asynchronous function: await RunAsync instead",
        "Run waits for the return of the function. An asynchronous one returns a task while it still runs, or, as an Action, nothing at all.",
        DiagnosticSeverity.Error);

    private protected override void Look(OperationAnalysisContext context, WorkerCall call)
    {
        // By its type, whatever the argument is; where the type says nothing, by the function that stands there.
        if (call.Kind == CallKind.Run && (call.Signature.ReturnsVoid ? call.Function.IsAsyncVoid : call.Types.Platform.IsTask(call.Signature.ReturnType)))
            context.ReportDiagnostic(Diagnostic.Create(Rule, call.Name));
    }
}
