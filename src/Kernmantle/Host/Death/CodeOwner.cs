namespace Kernmantle.Host.Death;

/// <summary>Whose code a frame of a stack is.</summary>
internal static class CodeOwner
{
    private static readonly Lazy<HashSet<string>> Ours = new(static () =>
        [.. typeof(CodeOwner).Assembly.GetTypes().Select(static t => t.FullName!.Split('`', 2)[0].Replace('+', '.'))]);

    /// <summary>Neither the platform's nor ours.</summary>
    /// <param name="frame">As the runtime writes it, without "at": a full method name and its parameters.</param>
    public static bool IsUser(string frame)
    {
        if (frame.StartsWith("System.", StringComparison.Ordinal) || frame.StartsWith("Microsoft.", StringComparison.Ordinal) || frame.StartsWith("Interop", StringComparison.Ordinal) || frame.StartsWith("Internal.", StringComparison.Ordinal))
            return false;
        string name = frame.Split('(', '`', '[')[0].Replace('+', '.');
        for (int end = name.Length; end > 0; end = name.LastIndexOf('.', end - 1))
        {
            if (Ours.Value.Contains(name[..end]))
                return false;
        }
        return true;
    }
}
