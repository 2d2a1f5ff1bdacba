using System.Text.Json.Serialization;

namespace Kernmantle.Tool.Lab.Model;

/// <summary>What the figures say about a claim.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Verdict>))]
internal enum Verdict
{
    [JsonStringEnumMemberName("holds")] Holds,
    [JsonStringEnumMemberName("depends")] Depends,
    [JsonStringEnumMemberName("does not hold here")] DoesNotHoldHere,
}

internal static class Verdicts
{
    public static string Text(this Verdict verdict) => verdict switch
    {
        Verdict.Holds => "holds",
        Verdict.Depends => "depends",
        _ => "does not hold here",
    };

    /// <summary>One verdict over several findings: theirs if they agree; if not, it depends.</summary>
    public static Verdict Together(IReadOnlyCollection<Verdict> verdicts) =>
        verdicts.All(static verdict => verdict == Verdict.Holds) ? Verdict.Holds
        : verdicts.All(static verdict => verdict == Verdict.DoesNotHoldHere) ? Verdict.DoesNotHoldHere
        : Verdict.Depends;

    public static Verdict Of(bool holds) => holds ? Verdict.Holds : Verdict.DoesNotHoldHere;
}
