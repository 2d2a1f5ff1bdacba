namespace Kernmantle.Wire.Start;

/// <summary>
/// Variables that speak to the worker's runtime only. Once it has started, the hook gives them the values they would have had
/// without us, so that the worker's own children inherit neither our hook nor this worker's heap limit.
/// </summary>
internal static class RestoreList
{
    /// <summary>ASCII's own separators: no path, number or list contains them.</summary>
    private const char Record = '\u001e';
    private const char Unit = '\u001f';

    public static string Format(IEnumerable<KeyValuePair<string, string?>> variables) =>
        string.Join(Record, variables.Select(static v => v.Value is null ? v.Key : v.Key + Unit + v.Value));

    public static IEnumerable<KeyValuePair<string, string?>> Parse(string? text)
    {
        if (string.IsNullOrEmpty(text))
            yield break;
        foreach (string entry in text.Split(Record))
        {
            int unit = entry.IndexOf(Unit, StringComparison.Ordinal);
            yield return unit < 0 ? new(entry, null) : new(entry[..unit], entry[(unit + 1)..]);
        }
    }
}
