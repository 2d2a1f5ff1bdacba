using Kernmantle.Tool.Lab.Model;
using Kernmantle.Tool.Statistics;

namespace Kernmantle.Tool.Lab.Start;

/// <summary>What the measurements say about N9.</summary>
internal static class StartVerdicts
{
    public static IReadOnlyList<Finding> Judge(StartMeasured measured)
    {
        string ratio = Units.Format(measured.ProcessOverThread, Unit.Ratio);
        string warm = Units.Format(measured.WarmProcess, Unit.Seconds);
        (Verdict verdict, string why) = measured.ProcessOverThread.Quotient() switch
        {
            Standing.Higher => (Verdict.Holds, $"A new process costs {ratio} a new thread ({Units.Format(measured.Thread, Unit.Seconds)}); a call to one that runs already costs {warm}."),
            Standing.Lower => (Verdict.DoesNotHoldHere, $"A new process costs only {ratio} a new thread."),
            _ => (Verdict.Depends, $"No clear difference: a new process costs {ratio} a new thread."),
        };
        return [new("N9", "Starting a thread takes less than starting a process.", verdict, why)];
    }
}
