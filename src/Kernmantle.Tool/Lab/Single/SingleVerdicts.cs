using Kernmantle.Tool.Lab.Model;
using Kernmantle.Tool.Statistics;

namespace Kernmantle.Tool.Lab.Single;

/// <summary>What the measurements say about N10's one core, and about N16.</summary>
internal static class SingleVerdicts
{
    private const string TooVaried = " The figures vary too much to tell.";

    public static IReadOnlyList<Finding> Judge(SingleMeasured measured)
    {
        Spread computing = measured.ComputingPinned.Most, waiting = measured.WaitingPinned.Most, all = measured.ComputingAll.Most;
        Standing computingGains = computing.Gain(), waitingGains = waiting.Gain();
        int most = measured.ComputingPinned.SpeedUp.Keys.Max();
        string gains = $"{most} threads on one core: computing {Units.Format(computing, Unit.Ratio)}, waiting {Units.Format(waiting, Unit.Ratio)}";
        string cost = $"The same work takes {Units.Format(measured.LockedOverPlain, Unit.Ratio)} as long under a lock that is taken for every microsecond of it; taking and releasing it costs {Units.Format(measured.LockSeconds, Unit.Seconds)}, looking whether somebody wants it {Units.Format(measured.LookSeconds, Unit.Seconds)}.";
        return
        [
            new(
                "N10",
                "On one core several threads gain little.",
                (computingGains, waitingGains) switch
                {
                    (Standing.Lower, Standing.Lower) => Verdict.Holds,
                    (Standing.Higher, Standing.Higher) => Verdict.DoesNotHoldHere,
                    _ => Verdict.Depends,
                },
                $"{gains}.{(computingGains == Standing.Unclear || waitingGains == Standing.Unclear ? TooVaried : "")}"
                + (waitingGains == Standing.Higher && computingGains != Standing.Higher ? " What waits needs no core of its own." : "")),
            new(
                "N10",
                "It is the core that limits them: on all cores the same threads compute faster.",
                all.Gain() switch { Standing.Higher => Verdict.Holds, Standing.Lower => Verdict.DoesNotHoldHere, _ => Verdict.Depends },
                $"{most} threads on {(measured.Processors == 1 ? "the only core" : $"{measured.Processors} cores")}: computing {Units.Format(all, Unit.Ratio)}.{(all.Gain() == Standing.Unclear ? TooVaried : "")}"),
            new(
                "N16",
                "One thread alone hardly notices the global lock.",
                measured.LockedOverPlain.Gain() switch { Standing.Higher => Verdict.DoesNotHoldHere, Standing.Lower => Verdict.Holds, _ => Verdict.Depends },
                cost + (measured.LockedOverPlain.Gain() == Standing.Unclear ? TooVaried : "")),
        ];
    }
}
