using System.Collections.Generic;
using Kernmantle.Analyzers.Library;
using Kernmantle.Analyzers.Portability;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace Kernmantle.Analyzers.Rules.Crossing;

/// <summary>KM0013: a native handle or an address that crosses, by whichever way.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class HandleAnalyzer() : WorkerCallAnalyzer(Crosses)
{
    private static readonly DiagnosticDescriptor Crosses = Library.Rule.New(
        "KM0013",
        Library.Rule.Portability,
        "Handles and addresses belong to one process",
        "'{0}' is of this process only: {1}",
        "A handle or an address is a number that means something else, or nothing, in another process. It is refused, with NotPortableException, when the call is made.");

    private protected override void Look(OperationAnalysisContext context, WorkerCall call)
    {
        if (!call.MayCross())
            return;
        Captures captures = call.Captures;
        foreach (KeyValuePair<ISymbol, IOperation> captured in captures.Read)
        {
            ITypeSymbol? type = Captures.TypeOf(captured.Key);
            if (HandleIn(call, type) is { } refusal)
                Report(captured.Value.Syntax.GetLocation(), Subjects.Of(captured.Key.Name, refusal), refusal);
        }
        if (HandleIn(call, captures.This?.Type) is { } inThis)
            Report(captures.This!.IsImplicit ? captures.This.Parent!.Syntax.GetLocation() : captures.This.Syntax.GetLocation(), $"this.{inThis.Subject}", inThis);
        if (HandleIn(call, call.Function.Method?.Instance?.Type) is { } inObject)
            Report(call.Function.Method!.Syntax.GetLocation(), inObject.Subject, inObject);
        foreach ((ITypeSymbol type, IArgumentOperation? argument) in call.Arguments)
        {
            if (HandleIn(call, type) is { } refusal)
                Report(argument?.Syntax.GetLocation() ?? call.Name, Subjects.Of(type, refusal), refusal);
        }
        if (HandleIn(call, call.Result) is { } inResult)
            Report(call.Name, Subjects.Of(call.Result!, inResult), inResult);

        void Report(Location at, string subject, Refusal refusal) => context.ReportCrossing(call, Rule, at, properties: null, subject, refusal.Remedy);
    }

    private static Refusal? HandleIn(WorkerCall call, ITypeSymbol? type) =>
        type is not null && call.Types.Portable.Check(type) is { IsHandle: true } refusal ? refusal : null;
}
