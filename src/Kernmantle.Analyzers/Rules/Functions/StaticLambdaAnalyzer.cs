using System.Linq;
using Kernmantle.Analyzers.Library;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;

namespace Kernmantle.Analyzers.Rules.Functions;

/// <summary>KM0020: a lambda that captures nothing, and could say so.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class StaticLambdaAnalyzer() : WorkerCallAnalyzer(Static)
{
    private static readonly DiagnosticDescriptor Static = Library.Rule.New(
        "KM0020",
        Library.Rule.Usage,
        "A function that captures nothing can be static",
        "This function captures nothing: as a static one, the compiler keeps it so",
        "A static lambda cannot capture a variable by accident, which would then have to cross with every call.",
        DiagnosticSeverity.Info);

    private protected override void Look(OperationAnalysisContext context, WorkerCall call)
    {
        if (call.Function.Lambda is not { Symbol.IsStatic: false, Syntax: AnonymousFunctionExpressionSyntax lambda } || lambda.Modifiers.Any(SyntaxKind.StaticKeyword))
            return;
        Captures captures = call.Captures;
        if (captures.This is null && !captures.Read.Any() && !captures.Assigned.Any() && !captures.CallsLocalFunction)
            context.ReportDiagnostic(Diagnostic.Create(Rule, lambda.GetLocation()));
    }
}
