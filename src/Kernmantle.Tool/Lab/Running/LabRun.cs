using System.Diagnostics;
using Kernmantle.Tool.Lab.Model;
using Microsoft.Extensions.Logging;

namespace Kernmantle.Tool.Lab.Running;

/// <summary>Runs experiments one after the other and sums up what they say about the claims.</summary>
internal static class LabRun
{
    /// <summary>Runs one experiment. Its failure is a result, and so is that the machine lacks something for it; an interrupt is not.</summary>
    public static async Task<ExperimentResult> RunAsync(Experiment experiment, LabContext context)
    {
        long begin = Stopwatch.GetTimestamp();
        Outcome outcome = Outcome.None;
        string? failure = null, unavailable = null;
        try
        {
            outcome = await experiment.RunAsync(context);
        }
        catch (Exception e)
        {
            context.Stopping.ThrowIfCancellationRequested();   // what fails then fails for that reason
            unavailable = UnavailableException.ReasonOf(e);
            failure = unavailable is null ? $"{e.GetType().Name}: {e.Message}" : null;
            context.Loggers?.CreateLogger("kern").LogError(e, "{Experiment} failed", experiment.Name);
        }
        context.Stopping.ThrowIfCancellationRequested();
        return new(experiment.Name, experiment.Question, Stopwatch.GetElapsedTime(begin).TotalSeconds, failure, outcome, unavailable);
    }

    /// <summary>Every claim, with the findings of the experiments that were run.</summary>
    public static IReadOnlyList<ClaimResult> Judge(IReadOnlyList<ExperimentResult> experiments)
    {
        ILookup<string, Finding> findings = experiments.SelectMany(static experiment => experiment.Outcome.Findings).ToLookup(static finding => finding.Claim);
        return [.. Claims.All.Select(claim =>
        {
            Finding[] about = [.. findings[claim.Id]];
            Verdict? verdict = about.Length == 0 ? null : Verdicts.Together([.. about.Select(static finding => finding.Verdict)]);
            string[] who = [.. experiments.Where(experiment => experiment.Outcome.Findings.Any(finding => finding.Claim == claim.Id)).Select(static experiment => experiment.Name)];
            return new ClaimResult(claim.Id, claim.Statement, verdict, who, about);
        })];
    }
}
