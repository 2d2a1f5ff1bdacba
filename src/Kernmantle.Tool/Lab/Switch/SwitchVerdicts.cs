using Kernmantle.Tool.Lab.Model;
using Kernmantle.Tool.Statistics;

namespace Kernmantle.Tool.Lab.Switch;

/// <summary>What the measurements say about N5 and N13.</summary>
internal static class SwitchVerdicts
{
    /// <summary>A message that makes both sides sleep costs one switch; half of that is clearly more than none.</summary>
    private const double Clearly = 0.5;

    public static IReadOnlyList<Finding> Judge(SwitchMeasured measured)
    {
        Pair processes = measured.Processes;
        string ratio = Units.Format(measured.ProcessesOverThreads, Unit.Ratio);
        string both = $"on one core, between processes {Units.Format(processes.SecondsPerHandOver, Unit.Seconds)}, between threads {Units.Format(measured.Threads.SecondsPerHandOver, Unit.Seconds)}.";
        (Verdict costs, string why) = measured.ProcessesOverThreads.Quotient() switch
        {
            Standing.Higher => (Verdict.Holds, $"A hand-over takes {ratio} as long: {both}"),
            Standing.Lower => (Verdict.DoesNotHoldHere, $"A hand-over takes only {ratio} as long: {both}"),
            _ => (Verdict.Depends, $"No clear difference ({ratio}): {both}"),
        };
        Standing switches = processes.SwitchesPerHandOver.To(Clearly);
        return
        [
            new(
                "N5",
                "Each message between two processes that wait for each other costs a context switch.",
                switches switch { Standing.Higher => Verdict.Holds, Standing.Lower => Verdict.DoesNotHoldHere, _ => Verdict.Depends },
                $"Switches for each message through a pipe: {Units.Format(processes.SwitchesPerHandOver, Unit.Count)}.{(switches == Standing.Unclear ? " The figures vary too much to tell." : "")}"),
            new("N13", "Switching between processes takes longer than switching between threads of one.", costs, why),
        ];
    }
}
