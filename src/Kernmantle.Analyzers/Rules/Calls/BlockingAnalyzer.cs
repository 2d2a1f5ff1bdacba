using Kernmantle.Analyzers.Library;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;
using Microsoft.CodeAnalysis.Text;

namespace Kernmantle.Analyzers.Rules.Calls;

/// <summary>KM0023: a call whose task is waited for by blocking: <c>RunAsync(…).Result</c>.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class BlockingAnalyzer() : WorkerCallAnalyzer(Awaited)
{
    private static readonly DiagnosticDescriptor Awaited = Library.Rule.New(
        "KM0023",
        Library.Rule.Usage,
        "A task of a call is awaited",
        "This blocks a thread until the call has ended: await it, or call Run, which waits without a task",
        "Blocking on a task holds a thread of the thread pool, which may be the one that the call's end needs. Run waits for synchronous functions on a way of its own, which is faster.");

    private protected override void Look(OperationAnalysisContext context, WorkerCall call)
    {
        if (call.Kind is not (CallKind.RunAsync or CallKind.MapWhole or CallKind.Create or CallKind.Update))
            return;
        IOperation task = call.Invocation;
        if (task.Parent is IInvocationOperation configured && call.Types.Platform.ConfigureAwaits.Contains(configured.TargetMethod.OriginalDefinition))
            task = configured;
        IOperation? wait = task.Parent switch
        {
            IPropertyReferenceOperation result when call.Types.Platform.Blocks(result.Property) => result,
            IInvocationOperation invocation when call.Types.Platform.Blocks(invocation.TargetMethod) => invocation,
            // GetAwaiter().GetResult()
            IInvocationOperation { Parent: IInvocationOperation invocation } when call.Types.Platform.Blocks(invocation.TargetMethod) => invocation,
            _ => null,
        };
        if (wait is not null)
            context.ReportDiagnostic(Diagnostic.Create(Rule, Location.Create(wait.Syntax.SyntaxTree, TextSpan.FromBounds(call.Invocation.Syntax.Span.End, wait.Syntax.Span.End))));
    }
}
