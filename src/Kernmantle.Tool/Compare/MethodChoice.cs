using System.Reflection;
using Kernmantle.Tool.Cli;
using Kernmantle.Tool.Subjects;

namespace Kernmantle.Tool.Compare;

/// <summary>Which of several overloads the inputs fit.</summary>
internal static class MethodChoice
{
    /// <exception cref="ToolException">None, or several.</exception>
    public static MethodInfo For(IReadOnlyList<MethodInfo> overloads, InputKind kind)
    {
        int arguments = kind == InputKind.None ? 0 : 1;
        MethodInfo[] byCount = [.. overloads.Where(method => method.GetParameters().Length == arguments)];
        if (byCount.Length == 0)
            throw WrongCount(overloads, kind);
        if (kind == InputKind.None)
            return byCount[0];   // two methods without parameters cannot have one name
        MethodInfo[] fitting = [.. byCount.Where(method => Fits(method.GetParameters()[0].ParameterType, kind))];
        if (fitting.Length == 0)
        {
            throw new ToolException(
                $"{MethodFinder.List(byCount)} takes no {(kind == InputKind.Files ? "path" : "text")}.",
                "Give its inputs by --json-lines: one value per line.");
        }
        // A path or a line is text first of all.
        MethodInfo[] text = kind == InputKind.Json ? [] : [.. fitting.Where(static method => method.GetParameters()[0].ParameterType == typeof(string))];
        return fitting is [var only] ? only
            : text is [var best] ? best
            : throw new ToolException($"Several overloads fit: {MethodFinder.List(fitting)}.", "Name one with its parameter's type, as written here, in quotes.");
    }

    private static bool Fits(Type type, InputKind kind) => kind switch
    {
        InputKind.Files => TextValues.IsPath(type),
        InputKind.Lines => TextValues.CanParse(type),
        _ => true,
    };

    private static ToolException WrongCount(IReadOnlyList<MethodInfo> overloads, InputKind kind)
    {
        string list = MethodFinder.List(overloads);
        return overloads.Any(static method => method.GetParameters().Length == 1)
            ? new($"{list} takes an argument.", "Give inputs by --lines, --files or --json-lines: each is one call.")
            : overloads.Any(static method => method.GetParameters().Length == 0)
                ? new($"{list} takes no argument.", $"Leave {Inputs.OptionOf(kind)} out: it is called --calls times.")
                : new($"{list} takes {overloads.Min(static method => method.GetParameters().Length)} arguments.", "Write a static method with one (a record, a tuple) and name that.");
    }
}
