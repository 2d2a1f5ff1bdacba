using System.Composition;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Simplification;

namespace Kernmantle.Analyzers.CodeFixes;

/// <summary>KM0009: a captured <c>Progress&lt;T&gt;</c> is declared as <c>IProgress&lt;T&gt;</c>, which crosses as a link.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp), Shared]
public sealed class ProgressFix() : Fix("Declare it as IProgress<T>", "KM0009")
{
    private protected override bool CanFix(Problem problem) => Declaration(problem) is not null;

    private protected override Task<Solution> FixAsync(Problem problem, CancellationToken cancellationToken)
    {
        (VariableDeclarationSyntax declaration, INamedTypeSymbol type) = Declaration(problem)!.Value;
        string reported = type.TypeArguments[0].ToMinimalDisplayString(problem.Model, declaration.SpanStart);
        TypeSyntax contract = SyntaxFactory.ParseTypeName($"System.IProgress<{reported}>").WithTriviaFrom(declaration.Type).WithAdditionalAnnotations(Simplifier.Annotation);
        return problem.ReplaceAsync(declaration.Type, contract);
    }

    private static (VariableDeclarationSyntax Declaration, INamedTypeSymbol Type)? Declaration(Problem problem) =>
        problem.Model.GetSymbolInfo(problem.Node).Symbol is ILocalSymbol { Type: INamedTypeSymbol { Arity: 1 } type } variable
        && SymbolEqualityComparer.Default.Equals(type.OriginalDefinition, problem.Model.Compilation.GetTypeByMetadataName("System.Progress`1"))
        && variable.DeclaringSyntaxReferences.FirstOrDefault()?.GetSyntax() is VariableDeclaratorSyntax { Initializer: not null, Parent: VariableDeclarationSyntax { Variables.Count: 1 } declaration }
            ? (declaration, type)
            : null;
}
