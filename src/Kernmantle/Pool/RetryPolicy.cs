namespace Kernmantle;

/// <summary>The classes of failure a call may be repeated after.</summary>
[Flags]
public enum RetryOn
{
    /// <summary>None: at most once.</summary>
    None = 0,

    /// <summary>The worker died (<see cref="WorkerCrashedException"/>).</summary>
    Crash = 1,

    /// <summary>The call timed out (<see cref="CallTimeoutException"/>); not where the function is still running.</summary>
    Timeout = 2,

    /// <summary>The worker reached its memory limit (<see cref="MemoryLimitException"/>).</summary>
    Memory = 4,

    /// <summary>The function threw (<see cref="RemoteException"/>).</summary>
    Exception = 8,
}

/// <summary>
/// Repeats a failed call. Opt-in, since a call that has begun may have had effects: the default is at most once.
/// </summary>
public sealed record RetryPolicy
{
    private readonly int maxAttempts = 2;
    private readonly double memoryFactor = 1;

    /// <summary>Repeats a call that reached <see cref="Limits.MemoryBytes"/>, each time with a limit <paramref name="factor"/> times as high.</summary>
    /// <param name="factor">1 or more.</param>
    /// <param name="maxAttempts">See <see cref="MaxAttempts"/>.</param>
    public static RetryPolicy OnMemory(double factor = 2, int maxAttempts = 2) => new() { On = RetryOn.Memory, MemoryFactor = factor, MaxAttempts = maxAttempts };

    /// <summary>The failures after which the call is repeated.</summary>
    public required RetryOn On { get; init; }

    /// <summary>How often the call is tried in all, the first time included; 1 or more.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Less than 1.</exception>
    public int MaxAttempts
    {
        get => maxAttempts;
        init => maxAttempts = value >= 1 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "MaxAttempts must be 1 or more.");
    }

    /// <summary>
    /// After a <see cref="MemoryLimitException"/> the call's <see cref="Limits.MemoryBytes"/> is this many times what it was; 1 or more. A limit of
    /// the managed heap is its worker's, and stays.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Less than 1, or not a number.</exception>
    public double MemoryFactor
    {
        get => memoryFactor;
        init => memoryFactor = value >= 1 && double.IsFinite(value) ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "MemoryFactor must be 1 or more.");
    }

    /// <summary>The pause before the second attempt.</summary>
    public TimeSpan Backoff { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Each further pause is this many times the one before.</summary>
    public double BackoffFactor { get; init; } = 2;

    /// <summary>No pause is longer.</summary>
    public TimeSpan MaxBackoff { get; init; } = TimeSpan.FromSeconds(30);

    internal bool Repeats(Exception failure, int attempt) => attempt < MaxAttempts && failure switch
    {
        WorkerCrashedException => On.HasFlag(RetryOn.Crash),
        CallTimeoutException { StillRunning: false } => On.HasFlag(RetryOn.Timeout),
        MemoryLimitException => On.HasFlag(RetryOn.Memory),
        WorkerException { IsFromFunction: true } => On.HasFlag(RetryOn.Exception),
        _ => false,
    };

    /// <summary>The pause after this attempt (1 = the first).</summary>
    internal TimeSpan PauseAfter(int attempt)
    {
        double milliseconds = Backoff.TotalMilliseconds * Math.Pow(BackoffFactor, attempt - 1);
        return milliseconds < MaxBackoff.TotalMilliseconds ? TimeSpan.FromMilliseconds(milliseconds) : MaxBackoff;
    }
}
