using System.Linq;
using Kernmantle.Analyzers.Library;
using Kernmantle.Analyzers.Portability;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace Kernmantle.Analyzers.Rules.Crossing;

/// <summary>KM0015: an argument that would arrive as something else than it is: a derived object as its base, a collection without its comparer.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class ValueAnalyzer() : WorkerCallAnalyzer(Whole)
{
    private static readonly DiagnosticDescriptor Whole = Library.Rule.New(
        "KM0015",
        Library.Rule.Portability,
        "A value arrives as what it is declared as",
        "{0} cannot cross to a process: {1}",
        "Values are made anew in the worker's process by their declared types, and collections with their default comparers. What would become something else is refused, with NotPortableException, when the call is made.");

    private protected override void Look(OperationAnalysisContext context, WorkerCall call)
    {
        if (!call.MayCross() || call.Kind is CallKind.Map or CallKind.MapWhole)
            return;
        foreach ((ITypeSymbol type, IArgumentOperation? argument) in call.Arguments)
        {
            if (argument is not null && call.Types.Portable.Check(type) is null && Problem(call, type, Values.Made(argument.Value)) is var (what, remedy))
                context.ReportCrossing(call, Rule, argument.Syntax.GetLocation(), properties: null, what, remedy);
        }
    }

    private static (string What, string Remedy)? Problem(WorkerCall call, ITypeSymbol declared, IOperation value)
    {
        if (value is not IObjectCreationOperation { Type: { } type } creation)
            return null;
        if (declared is { TypeKind: TypeKind.Class } && !SymbolEqualityComparer.Default.Equals(type, declared))
            return ($"An object of '{Refusal.Name(type)}', declared as '{Refusal.Name(declared)}',", "it would arrive as its base. Declare the type it has.");
        bool hasComparer = call.Types.Portable.IsCollection(type) && creation.Arguments.Any(a => a.ArgumentKind == ArgumentKind.Explicit && IsComparer(call.Types.Platform, a));
        return hasComparer ? ($"A '{Refusal.Name(type)}' with a comparer of its own", "what arrives has the default one. Pass the items, and make the collection there.") : null;
    }

    /// <summary>The default ones change nothing, and the runtime takes the ordinal one for the default of strings.</summary>
    private static bool IsComparer(PlatformTypes platform, IArgumentOperation argument) =>
        argument.Parameter is { } parameter && platform.IsComparer(parameter.Type)
        && argument.Value.ConstantValue is not { HasValue: true, Value: null }
        && !(Values.Unwrapped(argument.Value) is IPropertyReferenceOperation { Property: { IsStatic: true } property }
            && (platform.DefaultComparers.Contains(property.OriginalDefinition) || SymbolEqualityComparer.Default.Equals(property, platform.OrdinalComparer) && !platform.Orders(parameter.Type)));
}
