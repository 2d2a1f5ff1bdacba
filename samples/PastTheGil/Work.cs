namespace PastTheGil;

/// <summary>A Python function and what it is to be called with.</summary>
/// <param name="File">Where it is; empty for the one that comes with this program.</param>
/// <param name="Function">Its name.</param>
/// <param name="Inputs">One call each, the longest first.</param>
internal sealed record Work(string File, string Function, IReadOnlyList<string> Inputs)
{
    /// <summary>Some seconds of work in pure Python: enough to see, not enough to be bored.</summary>
    private const long DocumentationBytes = 100 << 20;

    public static Work Of(string? script, string? inputs)
    {
        (string file, string function) = script is null ? ("", "word_frequencies") : Split(script);
        IReadOnlyList<string> found = inputs is null ? Documentation() : inputs.StartsWith('@') ? Lines(inputs[1..]) : Files(inputs);
        return found.Count > 0 ? new(file, function, found) : throw new WrongUseException($"No input matches '{inputs}'.");
    }

    private static (string File, string Function) Split(string script)
    {
        int colon = script.LastIndexOf(':');
        if (colon <= 0 || colon == script.Length - 1)
            throw new WrongUseException($"--script must be file.py:function, not '{script}'.");
        string file = Path.GetFullPath(script[..colon]);
        return System.IO.File.Exists(file) ? (file, script[(colon + 1)..]) : throw new WrongUseException($"There is no file '{file}'.");
    }

    private static string[] Lines(string file) =>
        System.IO.File.Exists(file) ? System.IO.File.ReadAllLines(file) : throw new WrongUseException($"There is no file '{file}'.");

    private static string[] Files(string pattern)
    {
        if (pattern.Length == 0 || Directory.Exists(pattern) || pattern.EndsWith('/'))
            throw new WrongUseException($"--inputs must be a pattern of file names, such as 'data/*.json', or @file, not '{pattern}'.");
        string folder = Path.GetDirectoryName(pattern) is { Length: > 0 } named ? named : ".";
        if (!Directory.Exists(folder))
            throw new WrongUseException($"There is no folder '{folder}'.");
        return [.. Directory.EnumerateFiles(folder, Path.GetFileName(pattern)).Select(Path.GetFullPath).OrderByDescending(static f => new FileInfo(f).Length).ThenBy(static f => f, StringComparer.Ordinal)];
    }

    /// <summary>The XML documentation files of the installed packs, up to a number of bytes.</summary>
    private static List<string> Documentation()
    {
        string root = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location)!, "..", "..", "..", "packs"));
        if (!Directory.Exists(root))
            throw new WrongUseException($"This .NET has no packs ('{root}'): install the SDK, or name files by --inputs.");
        var files = new List<FileInfo>();
        long bytes = 0;
        foreach (FileInfo file in new DirectoryInfo(root).EnumerateFiles("*.xml", SearchOption.AllDirectories).OrderBy(static f => f.FullName, StringComparer.Ordinal))
        {
            // One huge file would be the whole of the time, whatever the others do.
            if (file.Length > DocumentationBytes / 12 || bytes + file.Length > DocumentationBytes)
                continue;
            bytes += file.Length;
            files.Add(file);
        }
        return [.. files.OrderByDescending(static f => f.Length).Select(static f => f.FullName)];
    }
}

/// <summary>The command line asks for something that cannot be.</summary>
internal sealed class WrongUseException(string message) : Exception(message);
