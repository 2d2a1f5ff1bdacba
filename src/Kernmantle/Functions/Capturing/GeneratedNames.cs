using System.Reflection;

namespace Kernmantle.Functions.Capturing;

/// <summary>The names that compilers give to what they make from lambdas, and what the programmer called it.</summary>
internal static class GeneratedNames
{
    private const string Display = "<>c__DisplayClass";
    private const string VisualBasicClosure = "_Closure$__";
    private const string VisualBasicLocal = "$VB$Local_";
    private const string Lambda = "(lambda)";

    /// <summary>A class whose instance fields are captured variables.</summary>
    public static bool IsClosure(Type type) => type.IsClass && IsClosure(type.Name);

    /// <summary>The class of captured variables, or the one that holds the lambdas without any.</summary>
    public static bool IsClosure(string type) =>
        type.StartsWith(Display, StringComparison.Ordinal) || type.StartsWith(VisualBasicClosure, StringComparison.Ordinal) || type == "<>c" || type.StartsWith("<>c`", StringComparison.Ordinal);

    /// <summary>Any member or type that no source file names: lambdas, local functions, state machines.</summary>
    public static bool IsGenerated(string name) =>
        name.StartsWith('<') || name.StartsWith("VB$", StringComparison.Ordinal) || name.StartsWith("_Lambda$__", StringComparison.Ordinal) || name.StartsWith(VisualBasicClosure, StringComparison.Ordinal);

    /// <summary>A field in which a closure keeps a delegate that it has made once; it makes it again when it is null.</summary>
    public static bool IsDelegateCache(string field) => field.StartsWith("<>9", StringComparison.Ordinal) || field.StartsWith("$I", StringComparison.Ordinal);

    /// <summary>The captured variable behind a closure's field, as a phrase.</summary>
    public static string OfVariable(FieldInfo field)
    {
        string name = field.Name;
        if (name is "<>4__this" or "$VB$Me")
            return "The captured this";
        if (name.StartsWith(VisualBasicLocal, StringComparison.Ordinal))
            name = name[VisualBasicLocal.Length..];
        else if (name.StartsWith('<') && name.IndexOf('>', StringComparison.Ordinal) is > 1 and int end)
            name = name[1..end];
        return $"The captured variable '{name}'";
    }

    /// <summary>
    /// A method as its source names it: <c>Program.Main.Checksum</c> for a local function, <c>Program.Main (lambda, Program.cs:12)</c> for a lambda; without the
    /// line where there are no symbols.
    /// </summary>
    public static string Of(MethodBase method)
    {
        string name = WithoutLine(method);
        return name.EndsWith(Lambda, StringComparison.Ordinal) && SourceLines.Of(method) is { } line ? $"{name[..^1]}, {line})" : name;
    }

    private static string WithoutLine(MethodBase method)
    {
        Type? type = method.DeclaringType;
        string name = OfMethod(method.Name);
        // F# names the class of a lambda after the function that it is in, and its line: work@12-3.
        if (type is { IsNested: true } && type.Name.IndexOf('@', StringComparison.Ordinal) is > 0 and int at)
            name = $"{type.Name[..at]} {Lambda}";
        while (type is { IsNested: true } && (IsGenerated(type.Name) || type.Name.Contains('@', StringComparison.Ordinal)))
            type = type.DeclaringType;
        return type is null ? name : $"{Of(type)}.{name}";
    }

    /// <summary>A type as C# writes it, without its namespace.</summary>
    public static string Of(Type type)
    {
        if (type.IsArray)
            return $"{Of(type.GetElementType()!)}[{new string(',', type.GetArrayRank() - 1)}]";
        string name = type.Name;
        int tick = name.IndexOf('`', StringComparison.Ordinal);
        if (tick >= 0)
            name = name[..tick];
        return type.IsConstructedGenericType && tick >= 0 ? $"{name}<{string.Join(", ", type.GetGenericArguments().Select(Of))}>" : name;
    }

    /// <summary><c>&lt;Outer&gt;g__Name|0_1</c>, <c>&lt;Outer&gt;b__0</c>, <c>&lt;Main&gt;$</c>, each possibly within another.</summary>
    private static string OfMethod(string name)
    {
        int end = name.StartsWith('<') ? name.LastIndexOf('>') : -1;
        if (end <= 1)
            return name;
        string outer = OfMethod(name[1..end]);
        string rest = name[(end + 1)..];
        if (rest.StartsWith("g__", StringComparison.Ordinal))
            return $"{outer}.{rest[3..].Split('|')[0]}";
        if (rest == "$")
            return outer;
        return outer.EndsWith(Lambda, StringComparison.Ordinal) ? outer : $"{outer} {Lambda}";
    }
}
