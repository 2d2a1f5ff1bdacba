using Kernmantle.Tool.Cli;
using Kernmantle.Tool.Subjects;

namespace Kernmantle.Tool.Compare;

/// <summary>What the function is called with, one text for each call.</summary>
internal static class Inputs
{
    /// <exception cref="ToolException">There is no such file, or nothing in it.</exception>
    public static (string[]? Texts, InputKind Kind) Read(string? lines, string? files, string? json) =>
        lines is not null ? (LinesOf(lines), InputKind.Lines)
        : files is not null ? (Matching(files), InputKind.Files)
        : json is not null ? (LinesOf(json), InputKind.Json)
        : (null, InputKind.None);

    private static string[] LinesOf(string file)
    {
        if (!File.Exists(file))
            throw new ToolException($"There is no file '{file}'.", "Name a file with one input a line.");
        string[] lines = [.. File.ReadLines(file).Where(static l => l.Length > 0)];
        return lines.Length > 0 ? lines : throw new ToolException($"'{file}' has no line.", "Name a file with one input a line.");
    }

    private static string[] Matching(string pattern)
    {
        string full = Path.GetFullPath(pattern);
        string fixedPart = full.Split('*', '?')[0];
        string root = Directory.Exists(full) ? full : Path.GetDirectoryName(fixedPart) ?? "/";
        string[] found = Directory.Exists(root)
            ? [.. Directory.EnumerateFiles(root, "*", new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true })
                .Where(file => Directory.Exists(full) ? Path.GetDirectoryName(file) == full : Fits(full, file)).Order(StringComparer.Ordinal)]
            : [];
        return found.Length > 0 ? found : throw new ToolException($"No file matches '{pattern}'.", "Quote the pattern, so that the shell leaves it as it is.");
    }

    /// <summary>* and ? stay within a folder; ** does not.</summary>
    private static bool Fits(string pattern, string file) => System.Text.RegularExpressions.Regex.IsMatch(
        file,
        $"^{System.Text.RegularExpressions.Regex.Escape(pattern).Replace(@"\*\*/", "(?:.*/)?", StringComparison.Ordinal).Replace(@"\*\*", ".*", StringComparison.Ordinal).Replace(@"\*", "[^/]*", StringComparison.Ordinal).Replace(@"\?", "[^/]", StringComparison.Ordinal)}$");
}
