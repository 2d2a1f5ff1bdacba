using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Kernmantle.Analyzers.Modules;

/// <summary>Why the compiler cannot write the rest of an interface. <see cref="PythonModuleAnalyzer"/> says it; <see cref="PythonModuleGenerator"/> then writes nothing.</summary>
internal static class ModuleProblems
{
    public static IEnumerable<Diagnostic> Of(INamedTypeSymbol face, string module, CancellationToken cancellationToken)
    {
        foreach (INamedTypeSymbol type in WithContaining(face))
        {
            if (type.IsFileLocal || !type.DeclaringSyntaxReferences.Any(reference => reference.GetSyntax(cancellationToken) is TypeDeclarationSyntax declaration && declaration.Modifiers.Any(SyntaxKind.PartialKeyword)))
                yield return At(ModuleRules.NotPartial, type, type.Name, face.Name);
            if (type.Arity > 0)
                yield return At(ModuleRules.Generic, type, type.Name);
        }
        if (!PythonNames.IsPath(module.EndsWith(".py", System.StringComparison.Ordinal) ? "file" : module))
            yield return At(ModuleRules.BadName, face, module, "a module, or of a file that ends in .py,");

        foreach (ISymbol member in face.AllInterfaces.Where(static i => !i.Is("IPythonModule", "Kernmantle", "Python")).Prepend(face).SelectMany(static i => i.GetMembers()).Where(static m => m.IsAbstract))
        {
            if (member is IMethodSymbol { MethodKind: MethodKind.Ordinary, IsStatic: false } method && Same(method.ContainingType, face))
            {
                foreach (Diagnostic problem in OfMethod(method))
                    yield return problem;
            }
            else if (member is not IMethodSymbol { AssociatedSymbol: not null })
            {
                yield return At(ModuleRules.NoMethod, Same(member.ContainingType, face) ? member : face, member.Name, face.Name);
            }
        }
        foreach (IGrouping<string, IMethodSymbol> same in MethodsOf(face).GroupBy(PythonNames.Of))
        {
            foreach (IMethodSymbol other in same.Skip(1))
                yield return At(ModuleRules.SameName, other, other.Name, same.First().Name, same.Key);
        }
    }

    public static IEnumerable<IMethodSymbol> MethodsOf(INamedTypeSymbol face) => face.GetMembers().OfType<IMethodSymbol>().Where(static m => m is { MethodKind: MethodKind.Ordinary, IsAbstract: true, IsStatic: false });

    /// <summary>The type, and those that it stands in, from the inside outwards.</summary>
    public static IEnumerable<INamedTypeSymbol> WithContaining(INamedTypeSymbol? type)
    {
        for (; type is not null; type = type.ContainingType)
            yield return type;
    }

    private static IEnumerable<Diagnostic> OfMethod(IMethodSymbol method)
    {
        if (method.Arity > 0)
            yield return At(ModuleRules.Generic, method, method.Name);
        if (!method.IsTask() && !method.IsStream())
            yield return At(ModuleRules.ReturnType, method, method.Name);
        string name = PythonNames.Of(method);
        if (!PythonNames.IsPath(name))
            yield return At(ModuleRules.BadName, method, name, "a function");
        foreach (IParameterSymbol parameter in method.Parameters)
        {
            if (Refused(method, parameter) is { } reason)
                yield return At(ModuleRules.Parameter, parameter, parameter.Name, reason);
            else if (PythonNames.Given(parameter) is { } given && !PythonNames.IsName(given))
                yield return At(ModuleRules.BadName, parameter, given, "a parameter");
            else if (PythonNames.Given(parameter) is not null && (!parameter.HasExplicitDefaultValue || parameter.IsOptions() || parameter.IsToken()))
                yield return At(ModuleRules.BadName, parameter, PythonNames.Of(parameter), "this parameter: without a default value it goes by its position, so that it has none");
        }
    }

    private static string? Refused(IMethodSymbol method, IParameterSymbol parameter)
    {
        if (parameter.RefKind != RefKind.None)
            return "nothing that the function changes comes back; return it";
        if (parameter.IsParams)
            return "whether it is one list or many arguments is not said; leave 'params' out for a list";
        if (parameter.Type.IsRefLikeType)
            return "it lives on the stack of its caller; take a Memory<T>, a ReadOnlyMemory<T> or an array";
        if (parameter.Type.TypeKind is TypeKind.Pointer or TypeKind.FunctionPointer)
            return "memory has other addresses there; pass the data";
        if (parameter.IsOptions() || parameter.IsToken())
        {
            return method.Parameters.Skip(parameter.Ordinal + 1).All(other => (other.IsOptions() && parameter.IsToken()) || (other.IsToken() && parameter.IsOptions()))
                ? null
                : "options and a token are for the call, stand behind the arguments, and once";
        }
        return null;
    }

    private static bool Same(ISymbol? left, ISymbol right) => SymbolEqualityComparer.Default.Equals(left, right);

    private static Diagnostic At(DiagnosticDescriptor rule, ISymbol where, params object[] arguments) => Diagnostic.Create(rule, where.Locations.FirstOrDefault(), arguments);
}
