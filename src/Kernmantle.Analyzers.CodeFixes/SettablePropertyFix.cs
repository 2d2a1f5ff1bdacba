using System.Composition;
using System.Globalization;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Kernmantle.Analyzers.Rules.Crossing;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Kernmantle.Analyzers.CodeFixes;

/// <summary>KM0009 to KM0012: the property that would be lost gets a public <c>init</c>.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp), Shared]
public sealed class SettablePropertyFix() : Fix("Give the property a public init", "KM0009", "KM0010", "KM0011", "KM0012")
{
    private protected override bool CanFix(Problem problem) => problem.Diagnostic.Properties.ContainsKey(RefusedMember.Position) && DocumentOf(problem) is not null;

    private protected override async Task<Solution> FixAsync(Problem problem, CancellationToken cancellationToken)
    {
        Document document = DocumentOf(problem)!;
        int position = int.Parse(problem.Diagnostic.Properties[RefusedMember.Position]!, CultureInfo.InvariantCulture);
        SyntaxNode? root = await document.GetSyntaxRootAsync(cancellationToken).ConfigureAwait(false);
        if (root?.FindToken(position).Parent?.FirstAncestorOrSelf<PropertyDeclarationSyntax>() is not { AccessorList: { } accessors })
            return document.Project.Solution;
        AccessorDeclarationSyntax init = SyntaxFactory.AccessorDeclaration(SyntaxKind.InitAccessorDeclaration).WithSemicolonToken(SyntaxFactory.Token(SyntaxKind.SemicolonToken));
        AccessorDeclarationSyntax? setter = accessors.Accessors.FirstOrDefault(static a => a.IsKind(SyntaxKind.SetAccessorDeclaration) || a.IsKind(SyntaxKind.InitAccessorDeclaration));
        // One that is set afterwards stays settable.
        AccessorListSyntax changed = setter is null
            ? accessors.AddAccessors(init.WithTrailingTrivia(SyntaxFactory.Space))
            : accessors.ReplaceNode(setter, setter.WithModifiers(default).WithTriviaFrom(setter));
        return document.WithSyntaxRoot(root.ReplaceNode(accessors, changed)).Project.Solution;
    }

    private static Document? DocumentOf(Problem problem) =>
        problem.Document.Project.Documents.FirstOrDefault(d => d.FilePath == problem.Diagnostic.Properties[RefusedMember.File])
        ?? problem.Document.Project.Documents.FirstOrDefault(d => d.Name == problem.Diagnostic.Properties[RefusedMember.File]);
}
