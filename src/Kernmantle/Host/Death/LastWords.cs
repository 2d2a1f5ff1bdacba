namespace Kernmantle.Host.Death;

/// <summary>Who speaks when a process dies.</summary>
internal enum LastWordsKind
{
    /// <summary>Environment.FailFast, or a failed assertion: with the user's message.</summary>
    FailFast,
    UnhandledException,
    StackOverflow,
    AccessViolation,
    OutOfMemory,

    /// <summary>Any other error of the runtime's own.</summary>
    RuntimeError,

    /// <summary>Python's fault handler.</summary>
    Python,

    /// <summary>The C or C++ library.</summary>
    Native,
}

/// <summary>What a runtime wrote to standard error as it ended the process, taken apart: its first line, the user's words, and the frames of the user's code.</summary>
/// <param name="Kind">Who speaks.</param>
/// <param name="Said">What tells most, in one line: the user's message, the exception, or the runtime's own first line.</param>
/// <param name="Frames">Frames of the user's code, innermost first; where there are none, none.</param>
internal sealed record LastWords(LastWordsKind Kind, string Said, IReadOnlyList<string> Frames)
{
    /// <summary>A message is cut to this many characters, and a stack to so many frames.</summary>
    private const int MaxSaid = 400, MaxFrames = 8;

    /// <summary>What reflection puts around the exception that matters.</summary>
    private const string Invocation = "System.Reflection.TargetInvocationException: Exception has been thrown by the target of an invocation. ---> ";

    private const string AccessViolation = "System.AccessViolationException";

    private static readonly (string Start, LastWordsKind Kind)[] Beginnings =
    [
        ("Process terminated.", LastWordsKind.FailFast),
        ("Unhandled exception", LastWordsKind.UnhandledException),
        ("Stack overflow", LastWordsKind.StackOverflow),
        ("Out of memory", LastWordsKind.OutOfMemory),
        ("Fatal error", LastWordsKind.RuntimeError),
        ("Fatal Python error: ", LastWordsKind.Python),
        ("terminate called ", LastWordsKind.Native),
        ("malloc", LastWordsKind.Native),
        ("free(): ", LastWordsKind.Native),
        ("double free or corruption", LastWordsKind.Native),
        ("munmap_chunk(): ", LastWordsKind.Native),
        ("corrupted ", LastWordsKind.Native),
        ("*** stack smashing detected", LastWordsKind.Native),
        ("*** buffer overflow detected", LastWordsKind.Native),
    ];

    /// <summary>The line begins what a runtime says of the process's end.</summary>
    public static bool Begin(string line) => Array.Exists(Beginnings, b => line.StartsWith(b.Start, StringComparison.Ordinal));

    /// <summary>The line is one of a stack: nothing of a message follows it.</summary>
    public static bool IsFrame(string line) => line.StartsWith("   at ", StringComparison.Ordinal) || line.StartsWith("  File \"", StringComparison.Ordinal);

    /// <summary>Null where nothing was said.</summary>
    /// <param name="lines">From the first line of the announcement on.</param>
    public static LastWords? Parse(IReadOnlyList<string> lines)
    {
        if (lines.Count == 0)
            return null;
        LastWordsKind kind = Array.Find(Beginnings, b => lines[0].StartsWith(b.Start, StringComparison.Ordinal)).Kind;
        string[] text = [.. lines.TakeWhile(static l => !IsFrame(l) && !l.StartsWith("Current thread ", StringComparison.Ordinal) && !l.StartsWith("Thread 0x", StringComparison.Ordinal)).Select(static l => l.Trim()).Where(static l => l.Length > 0)];
        if (kind == LastWordsKind.RuntimeError && text.Any(static l => l.StartsWith(AccessViolation, StringComparison.Ordinal)))
            kind = LastWordsKind.AccessViolation;
        // The runtime's own line says nothing where there are the user's words.
        string said = kind switch
        {
            LastWordsKind.StackOverflow => text[0],
            LastWordsKind.FailFast or LastWordsKind.RuntimeError or LastWordsKind.AccessViolation when text.Length > 1 => string.Join(' ', text[1..]),
            LastWordsKind.UnhandledException => string.Join(' ', text)["Unhandled exception".Length..].TrimStart('.', ' ').Replace(Invocation, "", StringComparison.Ordinal),
            _ => string.Join(' ', text),
        };
        string[] frames = [.. UserFrames(lines, kind).Distinct().Take(MaxFrames)];
        return new(kind, said.Length > MaxSaid ? said[..MaxSaid] + "…" : said, frames);
    }

    private static IEnumerable<string> UserFrames(IReadOnlyList<string> lines, LastWordsKind kind)
    {
        if (kind != LastWordsKind.Python)
            return lines.Where(static l => l.StartsWith("   at ", StringComparison.Ordinal)).Select(static l => l[6..].Trim()).Where(CodeOwner.IsUser);
        string[] all = [.. lines.Where(static l => l.StartsWith("  File \"", StringComparison.Ordinal) && !l.StartsWith("  File \"<", StringComparison.Ordinal)).Select(static l => l.Trim())];
        return all.Where(static l => !l.Contains("/lib/python", StringComparison.Ordinal)).Concat(all);
    }
}
