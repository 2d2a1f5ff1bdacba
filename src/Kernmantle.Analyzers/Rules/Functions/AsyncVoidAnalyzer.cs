using Kernmantle.Analyzers.Library;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace Kernmantle.Analyzers.Rules.Functions;

/// <summary>KM0018: an <c>async void</c> function, whose end nobody sees. Of <c>Run</c>, KM0001 says it.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class AsyncVoidAnalyzer() : WorkerCallAnalyzer(Awaitable)
{
    private static readonly DiagnosticDescriptor Awaitable = Library.Rule.New(
        "KM0018",
        Library.Rule.Usage,
        "An asynchronous function returns a task",
        "Nobody can wait for this async void function: return a task",
        "The call of an async void function ends at its first await. What it throws afterwards ends its process.");

    private protected override void Look(OperationAnalysisContext context, WorkerCall call)
    {
        if (call.Kind != CallKind.Run && call.Function.IsAsyncVoid)
            context.ReportDiagnostic(Diagnostic.Create(Rule, call.FunctionArgument.Value.Syntax.GetLocation()));
    }
}
