using System.Collections.Immutable;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace Kernmantle.Analyzers.Modules;

/// <summary>KM0002 to KM0008: an interface with a <c>PythonModuleAttribute</c> that <see cref="PythonModuleGenerator"/> cannot implement.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class PythonModuleAnalyzer : DiagnosticAnalyzer
{
    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } =
        [ModuleRules.NotPartial, ModuleRules.Generic, ModuleRules.NoMethod, ModuleRules.ReturnType, ModuleRules.Parameter, ModuleRules.SameName, ModuleRules.BadName];

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.RegisterCompilationStartAction(static start =>
        {
            if (start.Compilation.GetTypeByMetadataName(Symbols.ModuleAttribute) is { } attribute)
                start.RegisterSymbolAction(symbol => Look(symbol, attribute), SymbolKind.NamedType);
        });
    }

    private static void Look(SymbolAnalysisContext context, INamedTypeSymbol attribute)
    {
        if (context.Symbol is not INamedTypeSymbol { TypeKind: TypeKind.Interface } face
            || face.GetAttributes().FirstOrDefault(a => SymbolEqualityComparer.Default.Equals(a.AttributeClass, attribute)) is not { } found)
            return;
        foreach (Diagnostic problem in ModuleProblems.Of(face, found.ConstructorArguments.FirstOrDefault().Value as string ?? "", context.CancellationToken))
            context.ReportDiagnostic(problem);
    }
}
