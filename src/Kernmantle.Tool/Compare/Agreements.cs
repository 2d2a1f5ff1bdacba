using Kernmantle.Tool.Compare.Model;

namespace Kernmantle.Tool.Compare;

/// <summary>What calls gave, round by round.</summary>
/// <param name="Rounds">Marks of the results, 0 where a call failed; an empty list where they could not be had.</param>
/// <param name="Texts">The first results of the last round, shortened.</param>
internal sealed record Results(IReadOnlyList<ulong[]> Rounds, IReadOnlyList<string> Texts)
{
    public static readonly Results None = new([], []);
}

/// <summary>Whether places gave the same results. Calls that failed are counted elsewhere, and not compared.</summary>
internal static class Agreements
{
    /// <param name="reference">Of the place that the others are compared with.</param>
    /// <param name="nameOfCall">What a call is called in messages.</param>
    public static (Agreement Agreement, string? Difference) Of(Results results, Results reference, Func<int, string> nameOfCall)
    {
        if (results.Rounds.Count == 0 || reference.Rounds.Count == 0)
            return (Agreement.NotCompared, null);
        if (reference.Rounds.Any(round => FirstDifference(round, reference.Rounds[0]) is not null))
            return (Agreement.Vary, null);
        foreach (ulong[] round in results.Rounds)
        {
            if (FirstDifference(round, reference.Rounds[^1]) is { } index)
                return (Agreement.Differ, $"{nameOfCall(index)} gives {Text(results, index)} instead of {Text(reference, index)}");
        }
        return (Agreement.Same, null);
    }

    private static int? FirstDifference(ulong[] a, ulong[] b)
    {
        for (int i = 0; i < Math.Min(a.Length, b.Length); i++)
        {
            if (a[i] != 0 && b[i] != 0 && a[i] != b[i])
                return i;
        }
        return null;
    }

    private static string Text(Results results, int index) => index < results.Texts.Count && results.Texts[index].Length > 0 ? results.Texts[index] : "something else";
}
