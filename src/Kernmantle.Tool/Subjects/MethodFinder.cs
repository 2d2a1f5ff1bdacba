using System.Reflection;
using Kernmantle.Tool.Cli;

namespace Kernmantle.Tool.Subjects;

/// <summary>Finds the method that the user names.</summary>
internal static class MethodFinder
{
    private const BindingFlags Any = BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    /// <param name="assemblyPath">Absolute.</param>
    /// <param name="name"><c>Type.Method</c>, with the namespace or without.</param>
    /// <param name="parameters">How many values it is to take; null: any number.</param>
    /// <param name="fit">Of several, those with the best fit are meant: how well a parameter's type takes the inputs, 0 for not at all. Null: all the same.</param>
    /// <exception cref="ToolException">There is no such method, several, or one that cannot be called so; the message says what there is.</exception>
    public static MethodInfo Find(string assemblyPath, string name, int? parameters, Func<Type, int>? fit = null)
    {
        int dot = name.LastIndexOf('.');
        if (dot <= 0 || dot == name.Length - 1)
            throw new ToolException($"'{name}' names no method.", "Write Type.Method.");
        Type[] types = TypesOf(assemblyPath);
        string typeName = name[..dot].Replace('+', '.'), methodName = name[(dot + 1)..];
        Type[] found = [.. types.Where(t => FullName(t) == typeName)];
        if (found.Length == 0)
            found = [.. types.Where(t => FullName(t).EndsWith("." + typeName, StringComparison.Ordinal) || t.Name == typeName)];
        if (found.Length == 0)
            throw new ToolException($"{Path.GetFileName(assemblyPath)} has no type '{typeName}'.", Near(typeName, types.Select(FullName)));
        if (found.Length > 1)
            throw new ToolException($"'{typeName}' may be {string.Join(" or ", found.Select(FullName))}.", "Write its namespace too.");
        MethodInfo[] methods = [.. found[0].GetMethods(Any).Where(m => m.Name == methodName)];
        if (methods.Length == 0)
            throw new ToolException($"{FullName(found[0])} has no method '{methodName}'.", Near(methodName, found[0].GetMethods(Any).Select(static m => m.Name)));
        MethodInfo[] callable = [.. methods.Where(m => m.IsStatic && !m.IsGenericMethodDefinition && !found[0].ContainsGenericParameters && (parameters is null || Values(m).Length == parameters))];
        if (callable.Length > 1 && fit is not null && parameters == 1)
        {
            int best = callable.Max(m => fit(Values(m)[0].ParameterType));
            callable = [.. callable.Where(m => fit(Values(m)[0].ParameterType) == best)];
        }
        return callable switch
        {
            [var only] => only,
            [] => throw new ToolException($"{name} cannot be called so: {WhyNot(methods, parameters)}.", "Write a static method around it."),
            _ => throw new ToolException($"{name} has {callable.Length} overloads: {string.Join("; ", callable.Select(Text))}.", "Give the one you mean a name of its own."),
        };
    }

    /// <summary>The parameters that take values: a last <see cref="CancellationToken"/> does not.</summary>
    public static ParameterInfo[] Values(MethodInfo method)
    {
        ParameterInfo[] all = method.GetParameters();
        return all is [.., { ParameterType: var last }] && last == typeof(CancellationToken) ? all[..^1] : all;
    }

    private static string WhyNot(MethodInfo[] methods, int? parameters) =>
        Array.TrueForAll(methods, static m => !m.IsStatic) ? "it is an instance method, and there is no object to call it on"
        : Array.Exists(methods, static m => m.IsGenericMethodDefinition) ? "it is generic, and nothing says of which types"
        : $"it takes {string.Join(" or ", methods.Select(static m => Values(m).Length).Distinct())} value(s), not {parameters}";

    private static Type[] TypesOf(string assemblyPath)
    {
        try
        {
            return SubjectContext.Load(assemblyPath).GetTypes();
        }
        catch (BadImageFormatException e)
        {
            throw new ToolException($"'{assemblyPath}' is no .NET assembly: {e.Message}", "Name the .dll that the build made.", inner: e);
        }
        catch (ReflectionTypeLoadException e)
        {
            return [.. e.Types.OfType<Type>()];   // those that need what is not there are not the one that is looked for, or are told as missing
        }
    }

    private static string FullName(Type type) => (type.FullName ?? type.Name).Replace('+', '.');

    private static string Text(MethodInfo method) => $"{method.Name}({string.Join(", ", method.GetParameters().Select(static p => p.ParameterType.Name))})";

    private static string Near(string wanted, IEnumerable<string> names)
    {
        string[] near = [.. names.Where(static n => !n.Contains('<')).Distinct()
            .OrderBy(n => Distance(wanted, n.Length > wanted.Length && n.Contains('.') && !wanted.Contains('.') ? n[(n.LastIndexOf('.') + 1)..] : n)).Take(3)];
        return near.Length == 0 ? "It has none at all." : $"Did you mean {string.Join(", ", near)}?";
    }

    /// <summary>Levenshtein's, ignoring case.</summary>
    private static int Distance(string a, string b)
    {
        int[] row = [.. Enumerable.Range(0, b.Length + 1)];
        for (int i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0]++;
            for (int j = 1; j <= b.Length; j++)
                (diagonal, row[j]) = (row[j], Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + (char.ToLowerInvariant(a[i - 1]) == char.ToLowerInvariant(b[j - 1]) ? 0 : 1)));
        }
        return row[^1];
    }
}
