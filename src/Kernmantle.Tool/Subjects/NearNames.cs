namespace Kernmantle.Tool.Subjects;

/// <summary>What the user may have meant.</summary>
internal static class NearNames
{
    private const int Shown = 3;

    /// <summary>" Did you mean 'a' or 'b'?"; without near names, the first few that there are.</summary>
    public static string Remedy(string wanted, IEnumerable<string> names)
    {
        string[] all = [.. names.Distinct().Order(StringComparer.Ordinal)];
        if (all.Length == 0)
            return "There is none at all.";
        string[] near =
        [
            .. all.Select(name => (Name: name, Distance: Distance(wanted, name)))
                .Where(pair => pair.Distance <= Math.Max(2, wanted.Length / 3)
                    || pair.Name.Contains(wanted, StringComparison.OrdinalIgnoreCase)
                    || wanted.Contains(pair.Name, StringComparison.OrdinalIgnoreCase))
                .OrderBy(static pair => pair.Distance)
                .Take(Shown)
                .Select(static pair => pair.Name),
        ];
        return near.Length > 0
            ? $"Did you mean {string.Join(" or ", near.Select(static name => $"'{name}'"))}?"
            : $"There is {string.Join(", ", all.Take(Shown))}{(all.Length > Shown ? $" and {all.Length - Shown} more" : "")}.";
    }

    /// <summary>How many letters must be put in, taken out or changed (Levenshtein); case does not matter.</summary>
    public static int Distance(string a, string b)
    {
        int[] row = [.. Enumerable.Range(0, b.Length + 1)];
        for (int i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int changed = diagonal + (char.ToUpperInvariant(a[i - 1]) == char.ToUpperInvariant(b[j - 1]) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(changed, 1 + Math.Min(row[j], row[j - 1]));
            }
        }
        return row[^1];
    }
}
