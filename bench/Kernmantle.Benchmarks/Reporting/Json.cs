using System.Text.Json;

namespace Kernmantle.Benchmarks.Reporting;

/// <summary>A run for programs: <c>eng/fill-performance</c> makes the documents of it, with the texts as they stand here.</summary>
internal static class Json
{
    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static string Of(Report run) => JsonSerializer.Serialize(
        new
        {
            run.Machine,
            Accepted = run.IsAccepted,
            run.Refusals,
            run.Mode,
            run.Rounds,
            run.Seconds,
            run.Tally,
            run.Method,
            Conditions = new { run.Conditions.RoundTrip, run.Conditions.WakeUp, run.Conditions.CopyRate, run.Conditions.Steal, run.Conditions.Others },
            run.Choices,
            Goals = run.Goals.Select(static goal => new
            {
                goal.Goal.Group,
                goal.Goal.Name,
                OursKey = goal.Goal.Ours,
                PeerKeys = goal.Goal.Peers,
                Of = goal.Goal.Of.ToString(),
                How = goal.Goal.How.ToString(),
                goal.Here,
                goal.Peer,
                goal.Unit,
                goal.Goal.Bound,
                BoundText = goal.Bound,
                goal.Turns,
                goal.Judgement.Figure,
                goal.Reached,
                goal.Spread,
                Verdict = goal.Word,
                goal.Why,
            }),
            run.Tables,
        },
        Format) + "\n";
}
