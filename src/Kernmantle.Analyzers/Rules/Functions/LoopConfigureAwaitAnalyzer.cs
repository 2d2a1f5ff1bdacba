using System.Linq;
using Kernmantle.Analyzers.Library;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace Kernmantle.Analyzers.Rules.Functions;

/// <summary>KM0021: <c>ConfigureAwait(false)</c> in a function of an event loop: what follows leaves the loop's thread.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class LoopConfigureAwaitAnalyzer() : WorkerCallAnalyzer(Stays)
{
    private static readonly DiagnosticDescriptor Stays = Library.Rule.New(
        "KM0021",
        Library.Rule.Usage,
        "A function of an event loop stays on its thread",
        "What follows this ConfigureAwait(false) leaves the event loop, and runs beside its other functions",
        "An event loop runs one step at a time, so that its functions need no locks. ConfigureAwait(false) says that a function does not care where it goes on, and it goes on elsewhere.");

    /// <summary><c>ConfigureAwaitOptions.ContinueOnCapturedContext</c>.</summary>
    private const int Continue = 1;

    private protected override void Look(OperationAnalysisContext context, WorkerCall call)
    {
        if (call.Place != Place.EventLoop || call.Function.Body is not { } body)
            return;
        foreach (IInvocationOperation inner in body.Descendants().OfType<IInvocationOperation>())
        {
            if (call.Types.Platform.ConfigureAwaits.Contains(inner.TargetMethod.OriginalDefinition) && inner.Arguments.Any(static a => Leaves(a.Value.ConstantValue)))
                context.ReportDiagnostic(Diagnostic.Create(Rule, WorkerCall.NameIn(inner.Syntax)));
        }
    }

    private static bool Leaves(Optional<object?> argument) => argument.Value switch
    {
        bool continues => !continues,
        int options => (options & Continue) == 0,
        _ => false,
    };
}
