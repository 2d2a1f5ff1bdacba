using System.Reflection;

namespace Kernmantle.Tool.Subjects;

/// <summary>Types and methods as one writes them in C#.</summary>
internal static class TypeNames
{
    private static readonly Dictionary<Type, string> Keywords = new()
    {
        [typeof(void)] = "void", [typeof(bool)] = "bool", [typeof(byte)] = "byte", [typeof(sbyte)] = "sbyte", [typeof(short)] = "short",
        [typeof(ushort)] = "ushort", [typeof(int)] = "int", [typeof(uint)] = "uint", [typeof(long)] = "long", [typeof(ulong)] = "ulong",
        [typeof(char)] = "char", [typeof(float)] = "float", [typeof(double)] = "double", [typeof(decimal)] = "decimal",
        [typeof(string)] = "string", [typeof(object)] = "object",
    };

    public static string Text(Type type)
    {
        if (Keywords.TryGetValue(type, out string? keyword))
            return keyword;
        if (type.IsByRef)
            return $"ref {Text(type.GetElementType()!)}";
        if (type.IsArray)
            return $"{Text(type.GetElementType()!)}[{new string(',', type.GetArrayRank() - 1)}]";
        if (Nullable.GetUnderlyingType(type) is { } value)
            return $"{Text(value)}?";
        int generic = type.Name.IndexOf('`', StringComparison.Ordinal);
        return generic < 0 ? type.Name : $"{type.Name[..generic]}<{string.Join(", ", type.GetGenericArguments().Select(Text))}>";
    }

    /// <summary><c>Type.Method(int, string)</c>, as it can be given to this tool again.</summary>
    public static string Text(MethodInfo method) => $"{FullName(method.DeclaringType!)}.{method.Name}({Parameters(method)})";

    public static string Parameters(MethodInfo method) => string.Join(", ", method.GetParameters().Select(static parameter => Text(parameter.ParameterType)));

    /// <summary>With its namespace and the types that it is nested in.</summary>
    public static string FullName(Type type) => (type.FullName ?? type.Name).Replace('+', '.');

    /// <summary>Whether somebody may mean this type by that name: with namespace, without, or as a keyword.</summary>
    public static bool Names(string name, Type type) =>
        Text(type) == name || FullName(type) == name || FullName(type).EndsWith("." + name, StringComparison.Ordinal);
}
