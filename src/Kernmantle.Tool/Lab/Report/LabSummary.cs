using Kernmantle.Tool.Lab.Model;

namespace Kernmantle.Tool.Lab.Report;

/// <summary>What of a lab was run, in one line.</summary>
internal static class LabSummary
{
    public static string Of(LabResult lab)
    {
        ExperimentResult[] failed = [.. lab.Experiments.Where(static experiment => experiment.Failure is not null)];
        ExperimentResult[] missing = [.. lab.Experiments.Where(static experiment => experiment.Unavailable is not null)];
        int run = lab.Experiments.Count - failed.Length - missing.Length;
        string[] silent = [.. lab.Claims.Where(claim => claim.Verdict is null && Silenced(claim.Id, failed, missing)).Select(static claim => claim.Id)];
        return $"{run} of {lab.Experiments.Count} run"
            + (missing.Length == 0 ? "" : $"; {missing.Length} cannot be run on this machine ({Names(missing)})")
            + (failed.Length == 0 ? "" : $"; {failed.Length} failed ({Names(failed)})")
            + (silent.Length == 0 ? "." : $". No verdict on {string.Join(", ", silent)}.");
    }

    private static bool Silenced(string claim, params ReadOnlySpan<ExperimentResult[]> groups)
    {
        IReadOnlyList<string> experiments = Claims.All.Single(known => known.Id == claim).Experiments;
        foreach (ExperimentResult[] group in groups)
        {
            if (group.Any(experiment => experiments.Contains(experiment.Name)))
                return true;
        }
        return false;
    }

    private static string Names(ExperimentResult[] experiments) => string.Join(", ", experiments.Select(static experiment => experiment.Name));
}
