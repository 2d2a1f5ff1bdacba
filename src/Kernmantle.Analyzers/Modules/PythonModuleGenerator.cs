using System.Linq;
using System.Text;
using System.Threading;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace Kernmantle.Analyzers.Modules;

/// <summary>
/// Writes the rest of an interface with a <c>PythonModuleAttribute</c>: its methods call functions of the module. What goes through the pipeline is the name and the
/// text of a file, so that nothing follows where neither has changed.
/// </summary>
[Generator(LanguageNames.CSharp)]
public sealed class PythonModuleGenerator : IIncrementalGenerator
{
    /// <summary>The step whose results are compared.</summary>
    public const string Step = "PythonModule";

    /// <summary>Without what a file may not be called: the @ of a name that is a keyword.</summary>
    private static readonly SymbolDisplayFormat FileName = new(typeQualificationStyle: SymbolDisplayTypeQualificationStyle.NameAndContainingTypesAndNamespaces);

    /// <inheritdoc/>
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        IncrementalValuesProvider<(string Name, string Text)> files = context.SyntaxProvider
            .ForAttributeWithMetadataName(Symbols.ModuleAttribute, static (node, _) => node is InterfaceDeclarationSyntax, Write)
            .Where(static file => file is not null)
            .Select(static (file, _) => file!.Value)
            .WithTrackingName(Step);
        context.RegisterSourceOutput(files, static (output, file) => output.AddSource(file.Name, SourceText.From(file.Text, Encoding.UTF8)));
    }

    /// <summary>Null for one with problems, which <see cref="PythonModuleAnalyzer"/> tells.</summary>
    private static (string Name, string Text)? Write(GeneratorAttributeSyntaxContext context, CancellationToken cancellationToken)
    {
        var face = (INamedTypeSymbol)context.TargetSymbol;
        if (context.Attributes[0].ConstructorArguments.FirstOrDefault().Value is not string module || ModuleProblems.Of(face, module, cancellationToken).Any())
            return null;
        return (face.ToDisplayString(FileName) + ".g.cs", ModuleText.Of(face, module));
    }
}
