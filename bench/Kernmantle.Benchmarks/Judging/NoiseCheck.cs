using System.Globalization;

namespace Kernmantle.Benchmarks.Judging;

/// <summary>The machine at one moment, between two rounds. Times in nanoseconds, the rate in bytes a second.</summary>
/// <param name="RoundTrip">A cache line from one processor to another and back; null where there is one processor.</param>
/// <param name="WakeUp">From a thread's wake-up by futex to its going on, on another processor.</param>
/// <param name="CopyRate">Copying memory that no cache holds.</param>
internal sealed record Look(double? RoundTrip, double WakeUp, double CopyRate);

/// <summary>Under which conditions a run measured.</summary>
/// <param name="Looks">Before the first round and after each.</param>
/// <param name="Steal">The share of the processors' time, over the whole run, that the host of a virtual machine gave to others; 0 to 1.</param>
/// <param name="Others">For each round, the share of the processors' time that other programs used while this one paused; 0 to 1.</param>
/// <param name="Complete">Whether every group was measured.</param>
internal sealed record Conditions(IReadOnlyList<Look> Looks, double Steal, IReadOnlyList<double> Others, int Rounds, bool Complete)
{
    public Interval? RoundTrip => Looks.All(static look => look.RoundTrip is not null) ? Interval.Of(Looks.Select(static look => look.RoundTrip!.Value)) : null;

    public Interval WakeUp => Interval.Of(Looks.Select(static look => look.WakeUp));

    public Interval CopyRate => Interval.Of(Looks.Select(static look => look.CopyRate));

    public double MeanOthers => Others.Count == 0 ? 0 : Others.Average();
}

/// <summary>Whether figures may be taken from a run: what speaks against it. Empty means that it is accepted.</summary>
internal static class NoiseCheck
{
    public const int LeastRounds = 5;
    public const double MostSteal = 0.01, MostOthers = 0.05, MostDrift = 1.5, MostWakeUpDrift = 2.0, MostTooNoisy = 1.0 / 3;

    public static IReadOnlyList<string> Refusals(Conditions run, IReadOnlyList<Verdict> verdicts)
    {
        var reasons = new List<string>();
        if (!run.Complete)
            reasons.Add("only a part was measured");
        if (run.Rounds < LeastRounds)
            reasons.Add(Text($"{run.Rounds} rounds; {LeastRounds} are needed"));
        if (run.Steal > MostSteal)
            reasons.Add(Text($"the host of this virtual machine gave {Percent(run.Steal)} of the processors' time to others; at most {Percent(MostSteal)}"));
        if (run.Others.Count > 0 && run.Others.Max() is var most && most > MostOthers)
            reasons.Add(Text($"other programs used {Percent(most)} of the processors in round {run.Others.ToList().IndexOf(most) + 1}; at most {Percent(MostOthers)}"));
        if (run.Looks.All(static look => look.RoundTrip is not null))
            AddDrift(reasons, "a cache line's way from one processor to another and back", run.Looks.Select(static look => look.RoundTrip!.Value), MostDrift);
        AddDrift(reasons, "a wake-up", run.Looks.Select(static look => look.WakeUp), MostWakeUpDrift);
        AddDrift(reasons, "the rate of copying memory", run.Looks.Select(static look => look.CopyRate), MostDrift);
        int judged = verdicts.Count(static v => v is Verdict.Met or Verdict.Missed or Verdict.TooNoisy), noisy = verdicts.Count(static v => v == Verdict.TooNoisy);
        if (noisy > judged * MostTooNoisy)
            reasons.Add(Text($"{noisy} of {judged} goals are too noisy to judge; at most a third may be"));
        return reasons;
    }

    /// <summary>Against the median of the looks, so that one of them does not make all the others look wrong.</summary>
    private static void AddDrift(List<string> reasons, string what, IEnumerable<double> looks, double most)
    {
        double[] values = [.. looks];
        if (values.Length == 0)
            return;
        double median = Interval.Of(values).Median, drift = values.Max(value => Math.Max(value / median, median / value));
        if (drift > most)
            reasons.Add(Text($"{what} changed by a factor of {drift:0.0} during the run; at most {most:0.0}"));
    }

    private static string Percent(double share) => Text($"{share * 100:0.0} %");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
