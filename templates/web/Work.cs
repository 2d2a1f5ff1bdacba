namespace KernmantleWeb;

/// <summary>What runs in the workers: replace it by what may crash, hang or leak.</summary>
internal static class Work
{
    public static Dictionary<string, int> CountWords(string text) =>
        text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).CountBy(static word => word.ToLowerInvariant()).ToDictionary();
}
