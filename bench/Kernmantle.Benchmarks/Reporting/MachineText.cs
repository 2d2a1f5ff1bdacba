using System.Globalization;
using Kernmantle.Benchmarks.Judging;

namespace Kernmantle.Benchmarks.Reporting;

/// <summary>The machine's own figures in one line, without which nobody can compare two machines' figures.</summary>
internal static class MachineText
{
    public static string Of(Conditions run) => Of(run.Looks, run.Steal, run.MeanOthers);

    /// <param name="others">Null where nothing is known yet.</param>
    public static string Of(IReadOnlyList<Look> looks, double steal, double? others)
    {
        string roundTrip = looks.All(static look => look.RoundTrip is not null) ? $"a cache line to another processor and back {Figures.Text(Median(looks, static look => look.RoundTrip!.Value), "ns")}" : "one processor";
        string text = $"{roundTrip}, a wake-up by futex {Figures.Text(Median(looks, static look => look.WakeUp), "ns")}, copying {Figures.Text(Median(looks, static look => look.CopyRate), "B/s")}, steal {Percent(steal)}";
        return others is { } share ? $"{text}, other programs {Percent(share)}" : text;
    }

    private static double Median(IReadOnlyList<Look> looks, Func<Look, double> value) => Interval.Of(looks.Select(value)).Median;

    private static string Percent(double share) => (share * 100).ToString("0.0", CultureInfo.InvariantCulture) + " %";
}
