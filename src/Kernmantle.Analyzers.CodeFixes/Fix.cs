using System.Collections.Immutable;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;

namespace Kernmantle.Analyzers.CodeFixes;

/// <summary>A code fix that changes one file, or another one of the same solution.</summary>
public abstract class Fix : CodeFixProvider
{
    private protected Fix(string title, params string[] rules) => (Title, FixableDiagnosticIds) = (title, [.. rules]);

    /// <inheritdoc/>
    public sealed override ImmutableArray<string> FixableDiagnosticIds { get; }

    private string Title { get; }

    /// <inheritdoc/>
    public sealed override FixAllProvider GetFixAllProvider() => WellKnownFixAllProviders.BatchFixer;

    /// <inheritdoc/>
    public sealed override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        SyntaxNode? root = await context.Document.GetSyntaxRootAsync(context.CancellationToken).ConfigureAwait(false);
        SemanticModel? model = await context.Document.GetSemanticModelAsync(context.CancellationToken).ConfigureAwait(false);
        if (root is null || model is null)
            return;
        foreach (Diagnostic diagnostic in context.Diagnostics)
        {
            var problem = new Problem(context.Document, root, model, diagnostic);
            if (CanFix(problem))
                context.RegisterCodeFix(CodeAction.Create(Title, token => FixAsync(problem, token), equivalenceKey: GetType().Name), diagnostic);
        }
    }

    /// <summary>Whether there is a fix here: where it would not compile, there is none.</summary>
    private protected abstract bool CanFix(Problem problem);

    private protected abstract Task<Solution> FixAsync(Problem problem, CancellationToken cancellationToken);
}
