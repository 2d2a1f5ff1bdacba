using System.Reflection;
using Kernmantle.Tool.Cli;

namespace Kernmantle.Tool.Subjects;

/// <summary>Finds the static method that <c>Type.Method</c>, or <c>Type.Method(int)</c>, names. Runs no code of the assembly.</summary>
internal static class MethodFinder
{
    private const BindingFlags Everything = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly;

    public static Assembly Load(string path)
    {
        try
        {
            return SubjectContext.Load(path);
        }
        catch (Exception e) when (e is BadImageFormatException or FileLoadException)
        {
            throw new ToolException($"'{path}' is not a .NET assembly.", "Name a .dll that the SDK has built, or its project.", inner: e);
        }
    }

    /// <summary>All methods of that name that can be called as they are; one at least.</summary>
    /// <exception cref="ToolException">There is none; the message says what is near.</exception>
    public static IReadOnlyList<MethodInfo> Find(Assembly assembly, string named)
    {
        int open = named.IndexOf('(', StringComparison.Ordinal);
        string path = open < 0 ? named : named[..open];
        int dot = path.LastIndexOf('.');
        if (dot <= 0 || dot == path.Length - 1 || (open >= 0 && !named.EndsWith(')')))
            throw new ToolException($"'{named}' is not a type and a method.", "Write Type.Method, or Type.Method(int) to choose an overload.");
        Type type = FindType(assembly, path[..dot]);
        MethodInfo[] all = [.. type.GetMethods(Everything).Where(static method => !method.Name.StartsWith('<'))];
        MethodInfo[] sameName = [.. all.Where(method => method.Name == path[(dot + 1)..])];
        if (sameName.Length == 0)
            throw new ToolException($"{TypeNames.FullName(type)} has no method '{path[(dot + 1)..]}'.", NearNames.Remedy(path[(dot + 1)..], all.Select(static method => method.Name)));
        Exception?[] unreadable = [.. sameName.Select(WhyUnreadable)];
        MethodInfo[] readable = [.. sameName.Where((_, index) => unreadable[index] is null)];
        MethodInfo[] overloads = open < 0 ? readable : [.. readable.Where(method => Takes(method, named[(open + 1)..^1]))];
        if (overloads.Length == 0)
        {
            throw unreadable.FirstOrDefault(static why => why is not null) is { } why
                ? new ToolException(
                    OneLine.Of($"The types that {path} takes and returns are not all there: {why.Message}"),
                    "Name the assembly in the output of 'dotnet publish', which has its dependencies beside it, or set CopyLocalLockFileAssemblies to true in its project.",
                    inner: why)
                : new ToolException($"{path} has no overload ({named[(open + 1)..^1]}).", $"There is {List(readable)}.");
        }
        return Callable(overloads);
    }

    private static Type FindType(Assembly assembly, string name)
    {
        Type[] types = [.. Types(assembly).Where(static type => !type.Name.StartsWith('<'))];
        Type[] found = [.. types.Where(type => TypeNames.FullName(type) == name)];
        if (found.Length == 0)
            found = [.. types.Where(type => TypeNames.Names(name, type))];
        return found switch
        {
            [var only] => only,
            [] => throw new ToolException(
                $"{assembly.GetName().Name} has no type '{name}'.",
                NearNames.Remedy(name, types.Select(type => name.Contains('.', StringComparison.Ordinal) ? TypeNames.FullName(type) : type.Name))),
            _ => throw new ToolException($"{assembly.GetName().Name} has {found.Length} types '{name}'.", $"Write one with its namespace: {string.Join(", ", found.Select(TypeNames.FullName))}."),
        };
    }

    private static Type[] Types(Assembly assembly)
    {
        try
        {
            return assembly.GetTypes();
        }
        catch (ReflectionTypeLoadException e)
        {
            return [.. e.Types.OfType<Type>()];   // those whose dependencies are missing cannot be what is meant
        }
    }

    /// <summary>A parameter's type, or the result's, may be of an assembly that is not there: then it cannot be called. Null: it can be read.</summary>
    private static Exception? WhyUnreadable(MethodInfo method)
    {
        try
        {
            method.GetParameters();   // reads the whole signature
            return null;
        }
        catch (Exception e) when (e is FileNotFoundException or FileLoadException or BadImageFormatException or TypeLoadException)
        {
            return e;
        }
    }

    private static bool Takes(MethodInfo method, string types)
    {
        string[] wanted = types.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        ParameterInfo[] parameters = method.GetParameters();
        return wanted.Length == parameters.Length && wanted.Zip(parameters, static (name, parameter) => TypeNames.Names(name, parameter.ParameterType)).All(static same => same);
    }

    private static List<MethodInfo> Callable(MethodInfo[] methods)
    {
        MethodInfo first = methods[0];
        List<MethodInfo> isStatic = [.. methods.Where(static method => method.IsStatic)];
        if (isStatic.Count == 0)
        {
            throw new ToolException(
                $"{TypeNames.Text(first)} belongs to an object, which cannot be made from a command line.",
                "Write a static method that makes the object and calls it, and name that.");
        }
        List<MethodInfo> closed = [.. isStatic.Where(static method => !method.ContainsGenericParameters)];
        if (closed.Count == 0)
            throw new ToolException($"{TypeNames.Text(first)} is generic.", "Write a static method that calls it with its types, and name that.");
        List<MethodInfo> byValue = [.. closed.Where(static method => method.GetParameters().All(static parameter => IsValue(parameter.ParameterType)) && IsValue(method.ReturnType))];
        return byValue.Count > 0
            ? byValue
            : throw new ToolException($"{TypeNames.Text(first)} takes or returns references, pointers or spans, which belong to one thread's stack.", "Write a static method that takes and returns values, and name that.");
    }

    private static bool IsValue(Type type) => type is { IsByRef: false, IsPointer: false, IsByRefLike: false, IsFunctionPointer: false };

    public static string List(IEnumerable<MethodInfo> methods) => string.Join(", ", methods.Select(TypeNames.Text));
}
