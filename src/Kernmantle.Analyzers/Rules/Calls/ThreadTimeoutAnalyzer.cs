using System.Linq;
using Kernmantle.Analyzers.Library;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace Kernmantle.Analyzers.Rules.Calls;

/// <summary>KM0025: a timeout for a function on a thread that has no token to be stopped by: it ends the wait, and the thread runs on.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class ThreadTimeoutAnalyzer() : WorkerCallAnalyzer(Stops)
{
    private static readonly DiagnosticDescriptor Stops = Library.Rule.New(
        "KM0025",
        Library.Rule.Reliability,
        "A timeout does not stop a thread",
        "This timeout ends the wait only: the thread runs on. Give the function a token to look at, or run it in a process.",
        "A thread cannot be stopped from outside. A call that times out on one is let go of: its thread is lost to the pool until the function ends, and is replaced.");

    private protected override void Look(OperationAnalysisContext context, WorkerCall call)
    {
        if (call.Place != Place.Threads || call.Kind == CallKind.OnThread || call.Signature.Parameters.Any(p => call.Types.Platform.IsToken(p.Type)) || call.Function.Symbol is null)
            return;
        if (TimeoutOf(call.Types, call.Invocation.Instance) is { } timeout)
            context.ReportDiagnostic(Diagnostic.Create(Rule, call.Name, additionalLocations: [timeout.Syntax.GetLocation()]));
    }

    /// <summary>What sets the timeout of a pool, or of what its calls are made with; null where nothing that is seen does, or it says that there is none.</summary>
    private static IOperation? TimeoutOf(KernmantleTypes types, IOperation? pool)
    {
        if (pool is null || Values.Made(pool) is not IInvocationOperation made)
            return null;
        foreach (IArgumentOperation argument in made.Arguments)
        {
            if (Values.Made(argument.Value) is IObjectCreationOperation { Initializer: { } initializer }
                && initializer.Initializers.OfType<ISimpleAssignmentOperation>().FirstOrDefault(a => a.Target is IPropertyReferenceOperation set && types.IsTimeout(set.Property) && a.Value.ConstantValue is not { HasValue: true, Value: null }) is { } timeout)
                return types.Platform.IsInfinite(timeout.Value) ? null : timeout;
        }
        return types.KeepsPlace(made.TargetMethod) ? TimeoutOf(types, made.Instance) : null;
    }
}
