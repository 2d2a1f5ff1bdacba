using System.Linq;
using Microsoft.CodeAnalysis;

namespace Kernmantle.Analyzers.Modules;

/// <summary>Types of the library and of the platform, known by their names only.</summary>
internal static class Symbols
{
    public const string ModuleAttribute = "Kernmantle.Python.PythonModuleAttribute";

    /// <summary>Whether it is the type of that name, whatever its arguments, in the namespace of those parts.</summary>
    public static bool Is(this ITypeSymbol? type, string name, params string[] space)
    {
        if (type is null || type.Name != name || type.ContainingType is not null)
            return false;
        INamespaceSymbol? at = type.ContainingNamespace;
        foreach (string part in Enumerable.Reverse(space))
        {
            if (at is null || at.Name != part)
                return false;
            at = at.ContainingNamespace;
        }
        return at is { IsGlobalNamespace: true };
    }

    public static bool IsOptions(this IParameterSymbol parameter) => parameter.Type.Is("CallOptions", "Kernmantle");

    public static bool IsToken(this IParameterSymbol parameter) => parameter.Type.Is("CancellationToken", "System", "Threading");

    public static bool IsStream(this IMethodSymbol method) => method.ReturnType is INamedTypeSymbol { Arity: 1 } type && type.Is("IAsyncEnumerable", "System", "Collections", "Generic");

    public static bool IsTask(this IMethodSymbol method) => method.ReturnType.Is("Task", "System", "Threading", "Tasks");
}
