using Kernmantle.Failures;

namespace Kernmantle.Scheduling.Calls;

/// <summary>What the pool keeps of a call that timed out, or has failed before. Guarded by the pool's lock.</summary>
internal sealed class CallSupervision
{
    /// <summary>Set while a call that timed out has its grace, or evidence is taken: its timeout. Decides its outcome.</summary>
    public TimeSpan? TimedOutAfter { get; set; }

    /// <summary>With it: what took too long.</summary>
    public Overrun Overrun { get; set; }

    /// <summary>How long to wait for what a worker has said to be heard, each time.</summary>
    public static readonly TimeSpan HearingPause = TimeSpan.FromMilliseconds(20);

    private const int MostPauses = 25;

    private int pauses;

    /// <summary>It would have timed out, but its worker has said something that the host is late to hear, perhaps its end: that is waited for, though not for ever.</summary>
    public bool WaitsToHear() => pauses++ < MostPauses;

    /// <summary>Of many items, the number of that which timed out; 0 for other calls.</summary>
    public long TimedOutItem { get; set; }

    /// <summary>As <see cref="WaitsToHear()"/>, of an item.</summary>
    public bool WaitsToHear(long item)
    {
        if (item != TimedOutItem)
            (TimedOutItem, pauses) = (item, 0);
        return WaitsToHear();
    }

    /// <summary>What was taken from its worker before the kill.</summary>
    public WorkerEvidence? Evidence { get; set; }

    /// <summary>Evidence is being taken. Whatever the function does meanwhile, its worker is killed then: whoever looks at a process stops it, and may leave it so.</summary>
    public bool IsLookedAt { get; set; }

    /// <summary>Its worker was killed, or left to itself if it is a thread, for the timeout.</summary>
    public bool GivenUp { get; set; }

    /// <summary>As many deaths while it ran make a call poisoned.</summary>
    public const int MaxDeaths = 2;

    /// <summary>As many deaths before it had begun do: it may have been there by chance, and that does not happen so often.</summary>
    public const int MaxDeathsBefore = 3;

    /// <summary>How workers died while they ran it, oldest first.</summary>
    public List<WorkerCrashedException> Deaths { get; } = [];

    /// <summary>How workers died that had the call as their next one and had not begun it.</summary>
    public List<WorkerCrashedException> DeathsBefore { get; } = [];

    /// <summary>The call is tried again.</summary>
    public void PrepareRepeat()
    {
        TimedOutAfter = null;
        Overrun = Overrun.None;
        pauses = 0;
        Evidence = null;
        IsLookedAt = false;
        GivenUp = false;
    }
}
