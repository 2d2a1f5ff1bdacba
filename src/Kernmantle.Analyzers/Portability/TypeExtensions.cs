using System;
using System.Linq;
using Microsoft.CodeAnalysis;

namespace Kernmantle.Analyzers.Portability;

internal static class TypeExtensions
{
    /// <summary>Whether the type is it, or derives from it.</summary>
    public static bool DerivesFrom(this ITypeSymbol type, INamedTypeSymbol definition)
    {
        for (ITypeSymbol? at = type; at is not null; at = at.BaseType)
        {
            if (SymbolEqualityComparer.Default.Equals(at.OriginalDefinition, definition))
                return true;
        }
        return false;
    }

    public static bool Implements(this ITypeSymbol type, INamedTypeSymbol contract) =>
        SymbolEqualityComparer.Default.Equals(type, contract) || type.AllInterfaces.Any(i => SymbolEqualityComparer.Default.Equals(i, contract));

    /// <summary>Whether the type belongs to the platform and not to a program.</summary>
    public static bool IsPlatform(this ITypeSymbol type) =>
        type.ContainingAssembly?.Name is { } name && (name.StartsWith("System.", StringComparison.Ordinal) || name is "System" or "netstandard" or "mscorlib");
}
