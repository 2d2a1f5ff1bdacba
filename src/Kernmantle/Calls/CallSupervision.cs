namespace Kernmantle.Calls;

/// <summary>What the pool keeps of a call that is limited, timed out, or has failed before. Guarded by the pool's lock.</summary>
internal sealed class CallSupervision
{
    /// <summary>What it may use in its next attempt; null for no limits.</summary>
    public Limits? Limits { get; set; }

    /// <summary>Set while a call that timed out has its grace; becomes its outcome.</summary>
    public CallTimeoutException? TimedOut { get; set; }

    /// <summary>How workers died while they ran it, oldest first.</summary>
    public List<WorkerException> Deaths { get; } = [];

    /// <summary>How often a worker died that had the call and had not begun it.</summary>
    public int DeathsBefore { get; set; }

    /// <summary>The call is tried again after this failure.</summary>
    public void PrepareRepeat(Exception failure, RetryPolicy policy)
    {
        TimedOut = null;
        if (failure is MemoryLimitException && Limits?.MemoryBytes is { } memory)
            Limits = Limits with { MemoryBytes = (long)Math.Min(memory * policy.MemoryFactor, long.MaxValue / 2) };
    }
}
