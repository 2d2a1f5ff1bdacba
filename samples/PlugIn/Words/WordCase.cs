namespace PlugIn.Words;

/// <summary>The plug-in's own dependency: the host has neither a reference to it nor a copy of it.</summary>
public static class WordCase
{
    /// <summary>Writes the first letter of every word large.</summary>
    public static string Title(string text) =>
        string.Join(' ', text.Split(' ').Select(static word => word.Length == 0 ? word : char.ToUpperInvariant(word[0]) + word[1..]));
}
