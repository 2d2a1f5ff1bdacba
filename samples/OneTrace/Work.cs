using System.Diagnostics;

namespace OneTrace;

/// <summary>What worker processes run.</summary>
internal static class Work
{
    public static ActivitySource Source { get; } = new("OneTrace");

    public static string Clean(string text)
    {
        using Activity? span = Source.StartActivity("clean text");
        return text.Replace(",", "", StringComparison.Ordinal);
    }

    /// <summary>Its span ends, and then so does its process: nothing of it is lost.</summary>
    public static void Crash()
    {
        Source.StartActivity("last words")?.Dispose();
        Environment.FailFast("on purpose");
    }
}
