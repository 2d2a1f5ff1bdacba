using System.Reflection;
using Kernmantle.Tool.Cli;
using Kernmantle.Tool.Subjects;
using Microsoft.Extensions.FileSystemGlobbing;

namespace Kernmantle.Tool.Compare;

/// <summary>What the inputs of the calls are made of.</summary>
internal enum InputKind
{
    /// <summary>No argument: the same call several times.</summary>
    None,

    Lines,
    Files,
    Json,
}

/// <summary>The inputs as text: one call each. Crosses to the processes in which the places are.</summary>
internal sealed record Inputs(InputKind Kind, string[] Texts)
{
    public int Count => Texts.Length;

    /// <summary>The option that gives such inputs.</summary>
    public static string OptionOf(InputKind kind) => kind == InputKind.Json ? "--json-lines" : $"--{kind.ToString().ToLowerInvariant()}";

    /// <exception cref="ToolException">There are none, several kinds, or a file is missing.</exception>
    public static Inputs Of(string? lines, string[] files, string? json, int calls)
    {
        int kinds = (lines is null ? 0 : 1) + (files.Length == 0 ? 0 : 1) + (json is null ? 0 : 1);
        if (kinds > 1)
            throw new ToolException("--lines, --files and --json-lines each give all inputs.", "Choose one of them.");
        if (kinds == 0)
            return new(InputKind.None, [.. Enumerable.Repeat("", calls)]);
        Inputs inputs = lines is not null ? new(InputKind.Lines, Read(lines))
            : json is not null ? new(InputKind.Json, [.. Read(json).Where(static line => !string.IsNullOrWhiteSpace(line))])
            : new(InputKind.Files, Match(files));
        return inputs.Count > 0 ? inputs : throw new ToolException($"{lines ?? json ?? $"'{string.Join(" ", files)}'"} gives no input.", "One line, or one file, is one call.");
    }

    /// <summary>The arguments, one for each call.</summary>
    /// <exception cref="ToolException">A text is no such value.</exception>
    public object?[] Bind(MethodInfo method)
    {
        if (Kind == InputKind.None)
            return new object?[Count];
        Type type = method.GetParameters()[0].ParameterType;
        object?[] bound = new object?[Count];
        for (int i = 0; i < bound.Length; i++)
        {
            try
            {
                bound[i] = Kind == InputKind.Json ? TextValues.FromJson(Texts[i], type) : TextValues.Parse(Texts[i], type);
            }
            catch (Exception e)   // a user's constructor or parser may throw anything
            {
                throw new ToolException($"Input {i + 1} ('{Short(Texts[i])}') is no {TypeNames.Text(type)}: {e.Message}", "Mend it, or leave it out.", inner: e);
            }
        }
        return bound;
    }

    /// <summary>What one call gets, for messages.</summary>
    public string Name(int index) => Kind == InputKind.None ? $"call {index + 1}" : $"input {index + 1} ('{Short(Texts[index])}')";

    private static string Short(string text) => text.Length > 60 ? "…" + text[^59..] : text;

    private static string[] Read(string file)
    {
        try
        {
            return File.ReadAllLines(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new ToolException($"'{file}' cannot be read: {e.Message}", "Name a text file with one input per line.", inner: e);
        }
    }

    /// <summary>The files of names and patterns, the largest first: begun last, a large one would be waited for alone.</summary>
    private static string[] Match(string[] patterns)
    {
        SortedSet<string> found = new(StringComparer.Ordinal);
        foreach (string pattern in patterns)
        {
            if (File.Exists(pattern))
            {
                found.Add(Path.GetFullPath(pattern));
                continue;
            }
            try
            {
                (string folder, string rest) = Split(pattern);
                if (!Directory.Exists(folder))
                    throw new ToolException($"There is no folder '{folder}'.", $"'{pattern}' was to be found in it.");
                Matcher matcher = new(StringComparison.Ordinal);
                matcher.AddInclude(rest);
                found.UnionWith(matcher.GetResultsInFullPath(folder));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
            {
                throw new ToolException($"'{pattern}' cannot be looked for: {e.Message}", "A pattern such as 'data/**/*.json' is understood, in quotes.", inner: e);
            }
        }
        return found.Count > 0
            ? [.. found.OrderByDescending(static file => new FileInfo(file).Length)]
            : throw new ToolException($"No file matches '{string.Join(" ", patterns)}'.", "A pattern such as 'data/**/*.json' is understood, in quotes.");
    }

    /// <summary>The folder in front of the first wildcard, and the pattern in it.</summary>
    private static (string Folder, string Pattern) Split(string pattern)
    {
        string[] parts = pattern.Split('/');
        int fixedParts = Math.Min(parts.TakeWhile(static part => !part.Contains('*', StringComparison.Ordinal)).Count(), parts.Length - 1);
        string folder = string.Join('/', parts[..fixedParts]);
        return (Path.GetFullPath(folder.Length == 0 ? (pattern.StartsWith('/') ? "/" : ".") : folder), string.Join('/', parts[fixedParts..]));
    }
}
