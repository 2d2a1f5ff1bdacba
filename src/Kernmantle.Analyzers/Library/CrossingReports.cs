using System;
using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace Kernmantle.Analyzers.Library;

/// <summary>Reports what matters only where a call crosses to a process: a warning where it does, a suggestion where the code does not tell.</summary>
internal static class CrossingReports
{
    /// <summary>In <c>.editorconfig</c>: what pools are that come from elsewhere, <c>processes</c> or <c>threads</c>.</summary>
    private const string UnknownPools = "kernmantle_unknown_pools";

    /// <summary>Whether anything of the call can be wrong for a process at all.</summary>
    public static bool MayCross(this WorkerCall call) => call.Place is Place.Processes or Place.Unknown;

    public static void ReportCrossing(this OperationAnalysisContext context, WorkerCall call, DiagnosticDescriptor rule, Location at, ImmutableDictionary<string, string?>? properties, params object[] arguments)
    {
        if (SeverityOf(context.Options, call, rule) is { } severity)
            context.ReportDiagnostic(Diagnostic.Create(rule, at, severity, additionalLocations: null, properties, arguments));
    }

    /// <summary>Null where nothing is to be said.</summary>
    public static DiagnosticSeverity? SeverityOf(AnalyzerOptions options, WorkerCall call, DiagnosticDescriptor rule)
    {
        if (!call.MayCross())
            return null;
        if (call.Place == Place.Processes)
            return rule.DefaultSeverity;
        options.AnalyzerConfigOptionsProvider.GetOptions(call.Invocation.Syntax.SyntaxTree).TryGetValue(UnknownPools, out string? pools);
        return string.Equals(pools, "processes", StringComparison.OrdinalIgnoreCase) ? rule.DefaultSeverity
            : string.Equals(pools, "threads", StringComparison.OrdinalIgnoreCase) ? null
            : DiagnosticSeverity.Info;
    }
}
