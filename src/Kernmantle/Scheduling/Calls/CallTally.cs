namespace Kernmantle.Scheduling.Calls;

/// <summary>How many calls, or items of a batch, ended in which way.</summary>
internal readonly record struct CallTally(int Completed, int Failed, int Cancelled)
{
    public static CallTally Of(int count, Outcome outcome) =>
        outcome.IsCancelled ? new(0, 0, count) : outcome.Failure is null ? new(count, 0, 0) : new(0, count, 0);
}
