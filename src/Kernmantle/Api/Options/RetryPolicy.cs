using Kernmantle.Scheduling;

namespace Kernmantle;

/// <summary>
/// Repeats a failed call. Opt-in, since a call that has begun may have had effects: the default is at most once.
/// </summary>
public sealed class RetryPolicy
{
    private readonly int maxAttempts = 2;
    private readonly double memoryFactor = 1;
    private readonly TimeSpan backoff = TimeSpan.FromMilliseconds(50), maxBackoff = TimeSpan.FromSeconds(30);
    private readonly double backoffFactor = 2;

    /// <summary>Repeats a call that reached <see cref="Limits.MemoryBytes"/>, each time with a limit <paramref name="factor"/> times as high.</summary>
    /// <param name="factor">1 or more.</param>
    /// <param name="maxAttempts">See <see cref="MaxAttempts"/>.</param>
    public static RetryPolicy OnMemory(double factor = 2, int maxAttempts = 2) => new() { On = FailureKinds.Memory, MemoryFactor = factor, MaxAttempts = maxAttempts };

    /// <summary>The failures after which the call is repeated.</summary>
    public required FailureKinds On { get; init; }

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

    /// <summary>The pause before the second attempt; zero or more.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative, infinite, or longer than a timer can wait.</exception>
    public TimeSpan Backoff
    {
        get => backoff;
        init
        {
            Durations.CheckNotNegative(value, nameof(Backoff));
            backoff = value;
        }
    }

    /// <summary>Each further pause is this many times the one before; 0 or more.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative, infinite, or not a number.</exception>
    public double BackoffFactor
    {
        get => backoffFactor;
        init => backoffFactor = value >= 0 && double.IsFinite(value) ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "BackoffFactor must be 0 or more.");
    }

    /// <summary>No pause is longer; zero or more. <see cref="Timeout.InfiniteTimeSpan"/>: they grow without a bound, to 40 days at most.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative, or longer than a timer can wait.</exception>
    public TimeSpan MaxBackoff
    {
        get => maxBackoff;
        init
        {
            if (value != Timeout.InfiniteTimeSpan)
                Durations.CheckNotNegative(value, nameof(MaxBackoff));
            maxBackoff = value;
        }
    }

    /// <summary>Each pause is a random part of what it would be, from half of it to all of it: calls that failed together do not come back together.</summary>
    public bool UseJitter { get; init; }

    /// <summary>Asked after a failure that <see cref="On"/> names, while there are attempts left: whether to try again. Null for always.</summary>
    /// <remarks>It runs on any thread, and holds up nothing but its call. If it throws, the call ends with its failure, and what was thrown is logged.</remarks>
    public Func<RetryAttempt, bool>? ShouldRetry { get; init; }

    /// <summary>Says how long to wait before the next attempt; null for what <see cref="Backoff"/> and the rest make. The same holds for it as for <see cref="ShouldRetry"/>.</summary>
    public Func<RetryAttempt, TimeSpan>? PauseGenerator { get; init; }

    /// <summary>Told of each attempt that is made again, before the pause. The same holds for it as for <see cref="ShouldRetry"/>.</summary>
    public Action<RetryAttempt>? OnRetry { get; init; }

    /// <summary>There is code of the user's to ask.</summary>
    internal bool AsksUser => ShouldRetry is not null || PauseGenerator is not null || OnRetry is not null;

    /// <summary>Asks it: the pause, or null if the call is not tried again.</summary>
    /// <exception cref="Exception">What the user's code threw.</exception>
    internal TimeSpan? Ask(RetryAttempt failed)
    {
        if (ShouldRetry?.Invoke(failed) == false)
            return null;
        TimeSpan pause = PauseGenerator?.Invoke(failed) ?? failed.Pause;
        if (pause < TimeSpan.Zero || pause > LongestPause)
            throw new InvalidOperationException($"RetryPolicy.PauseGenerator returned {pause}; a pause must not be negative, nor longer than {LongestPause.TotalDays} days.");
        OnRetry?.Invoke(failed);
        return pause;
    }

    private static readonly TimeSpan LongestPause = TimeSpan.FromDays(40);

    internal bool Repeats(Exception failure, int attempt) => attempt < MaxAttempts && failure switch
    {
        WorkerCrashedException => On.HasFlag(FailureKinds.Crash),
        CallTimeoutException { StillRunning: false } => On.HasFlag(FailureKinds.Timeout),
        MemoryLimitException => On.HasFlag(FailureKinds.Memory),
        WorkerException { IsFromFunction: true } => On.HasFlag(FailureKinds.Exception),
        _ => false,
    };

    /// <summary>The pause after this attempt (1 = the first).</summary>
    internal TimeSpan PauseAfter(int attempt)
    {
        TimeSpan longest = MaxBackoff == Timeout.InfiniteTimeSpan || MaxBackoff > LongestPause ? LongestPause : MaxBackoff;
        double growth = Math.Min(Math.Pow(BackoffFactor, attempt - 1), double.MaxValue);   // no pause remains none: 0 times infinity would be no number
        double milliseconds = Math.Min(Backoff.TotalMilliseconds * growth, longest.TotalMilliseconds);
        return TimeSpan.FromMilliseconds(UseJitter ? milliseconds * (1 + Random.Shared.NextDouble()) / 2 : milliseconds);
    }
}
