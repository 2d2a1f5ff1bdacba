using Kernmantle.Tool.Lab.Model;

namespace Kernmantle.Tool.Lab.Join;

/// <summary>What the runs say about N20 to N23.</summary>
internal static class JoinVerdicts
{
    public static IReadOnlyList<Finding> Judge(JoinMeasured measured)
    {
        PlaceRuns[] places = [measured.Thread, measured.Process];
        ProgramRun[] all = [.. places.SelectMany(static place => new[] { place.Joined, place.NotJoined, place.Background })];
        // A background worker may end with its program before it has begun.
        ProgramRun[] begun = [.. places.SelectMany(static place => new[] { place.Joined, place.NotJoined })];
        bool foreground = places.All(static place => place.NotJoined.WorkerFinished);
        bool background = places.Any(static place => place.Background.WorkerFinished);
        bool joinWaits = places.All(static place => place.Joined.MainWaited), noJoinWaits = places.Any(static place => place.NotJoined.MainWaited);
        return
        [
            new(
                "N20",
                "What main and its worker report arrives in one log, each line with its time.",
                Verdicts.Of(all.All(static run => run.Logged)),
                $"{all.Count(static run => run.Logged)} of {all.Length} programs, with the worker on a thread and in a process, wrote only lines of the form HH:mm:ss: message."),
            new(
                "N21",
                "A program that does not join its worker ends only when the worker has finished.",
                foreground && !background ? Verdict.Depends : Verdicts.Of(foreground),
                $"Not joined, the worker finished: {Yes(foreground)}."
                + (background ? foreground ? " So did one in the background." : " One in the background did." : !foreground ? "" : " A background worker did not: it ended with the program. Being a child is not enough, it must be in the foreground.")),
            new(
                "N22",
                "join makes the caller wait for its worker, and without it the caller goes on.",
                Verdicts.Of(joinWaits && !noJoinWaits),
                $"Main's last line came after the worker's: with join {Yes(joinWaits)}, without {Yes(noJoinWaits)}, on a thread and in a process."),
            new(
                "N23",
                "The function gets the arguments that the worker was created with.",
                Verdicts.Of(begun.All(static run => run.ArgumentArrived)),
                $"The worker wrote its argument in {begun.Count(static run => run.ArgumentArrived)} of {begun.Length} programs that waited for it."),
        ];
    }

    private static string Yes(bool value) => value ? "yes" : "no";
}
