using Microsoft.CodeAnalysis;

namespace Kernmantle.Analyzers.Modules;

/// <summary>What can be wrong with an interface that has a <c>PythonModuleAttribute</c>.</summary>
internal static class ModuleRules
{
    private const string Page = "docs/analyzers/python-modules.md";

    public static readonly DiagnosticDescriptor NotPartial = New("KM0002", "The interface of a Python module is partial", "'{0}' has to be partial, and known outside of its file: the compiler writes the rest of '{1}' into another one");

    public static readonly DiagnosticDescriptor Generic = New("KM0003", "The interface of a Python module is not generic", "'{0}' has type parameters: a module, and a function of it, has none");

    public static readonly DiagnosticDescriptor NoMethod = New("KM0004", "The interface of a Python module has methods only", "'{0}' is no method of '{1}': only functions of the module can be implemented");

    public static readonly DiagnosticDescriptor ReturnType = New("KM0005", "A method of a Python module returns a task or a stream", "'{0}' has to return Task<T>, Task or IAsyncEnumerable<T>: the function runs in another process");

    public static readonly DiagnosticDescriptor Parameter = New("KM0006", "A parameter of a Python function is a value", "'{0}' cannot be given to a Python function: {1}");

    public static readonly DiagnosticDescriptor SameName = New("KM0007", "Each method of a Python module has its own function", "'{0}' and '{1}' are the same Python function '{2}': give one of them another [PythonName]");

    public static readonly DiagnosticDescriptor BadName = New("KM0008", "A name in Python is one", "'{0}' is no name of {1} in Python");

    private static DiagnosticDescriptor New(string id, string title, string message) =>
        new(id, title, message, "Usage", DiagnosticSeverity.Error, isEnabledByDefault: true, helpLinkUri: Page);
}
