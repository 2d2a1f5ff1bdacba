using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;

namespace Kernmantle.Analyzers.Library;

/// <summary>Follows a value to where it was made, within one file.</summary>
internal static class Values
{
    /// <summary>Null where the symbol is declared in another file, whose meaning is not at hand.</summary>
    public static SyntaxNode? DeclarationOf(ISymbol symbol, IOperation reference) =>
        symbol.OriginalDefinition.DeclaringSyntaxReferences.FirstOrDefault() is { } declaration && declaration.SyntaxTree == reference.Syntax.SyntaxTree ? declaration.GetSyntax() : null;

    /// <summary>What a variable is declared with; null where that is nothing.</summary>
    public static IOperation? InitializerOf(ILocalReferenceOperation variable) =>
        DeclarationOf(variable.Local, variable) is VariableDeclaratorSyntax { Initializer.Value: { } value } ? variable.SemanticModel?.GetOperation(value) : null;

    /// <summary>The value itself, or, of a variable, what it was declared with.</summary>
    public static IOperation Made(IOperation value)
    {
        value = Unwrapped(value);
        return value is ILocalReferenceOperation variable && InitializerOf(variable) is { } made ? Unwrapped(made) : value;
    }

    /// <summary>Without the language's own conversions.</summary>
    public static IOperation Unwrapped(IOperation value)
    {
        while (true)
        {
            switch (value)
            {
                case IConversionOperation { OperatorMethod: null } conversion:
                    value = conversion.Operand;
                    break;
                case IParenthesizedOperation inner:
                    value = inner.Operand;
                    break;
                default:
                    return value;
            }
        }
    }
}
