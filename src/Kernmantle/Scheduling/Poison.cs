using Kernmantle.Scheduling.Calls;

namespace Kernmantle.Scheduling;

/// <summary>Calls that kill whatever worker they are given to. One death may have had other causes; a second one is enough.</summary>
internal static class Poison
{
    /// <summary>Counts a death while the call ran; the failure that ends it for good, if this was one too many.</summary>
    public static PoisonedCallException? Of(Call call, WorkerCrashedException death, RetryPolicy? policy)
    {
        // A worker that the pool itself ended, for another call, tells nothing of this one; and a call that is not repeated has one death.
        if (death is PoisonedCallException || death.Reason == CrashReason.Killed || policy is null)
            return null;
        List<WorkerCrashedException> deaths = call.Supervise().Deaths;
        deaths.Add(death);
        return deaths.Count < CallSupervision.MaxDeaths ? null : Failure(call, deaths);
    }

    /// <summary>Counts a death of a worker that had the call as its next one: its arguments may have killed it when they were decoded.</summary>
    public static PoisonedCallException? Before(Call call, WorkerException death)
    {
        if (death is not WorkerCrashedException crash)
            return null;
        List<WorkerCrashedException> deaths = call.Supervise().DeathsBefore;
        deaths.Add(crash);
        return deaths.Count < CallSupervision.MaxDeathsBefore ? null : Failure(call, deaths);
    }

    private static PoisonedCallException Failure(Call call, List<WorkerCrashedException> deaths) => new(call.Name, [.. deaths]);
}
