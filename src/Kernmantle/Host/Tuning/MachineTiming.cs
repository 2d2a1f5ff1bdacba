namespace Kernmantle.Host.Tuning;

/// <summary>
/// What it costs on this machine that one thread waits for another: measured once in a process, in about a millisecond, and what is chosen by it. Awake or asleep is the
/// question of how long to rent before one buys: who looks for as long as a wake-up takes has never lost more than that once more.
/// </summary>
/// <param name="RoundTrip">One cache line to another processor and back; zero where it could not be measured (one processor, or none free).</param>
/// <param name="WakeUp">From the call that wakes a thread that has slept for a moment until it runs.</param>
/// <param name="IsMeasured">False: nothing could be measured, and what is usual was assumed.</param>
internal sealed record MachineTiming(TimeSpan RoundTrip, TimeSpan WakeUp, bool IsMeasured)
{
    /// <summary>Assumed where other programs keep the processors from being measured.</summary>
    private static readonly TimeSpan Usual = TimeSpan.FromMicroseconds(50);

    private static readonly TimeSpan LeastBudget = TimeSpan.FromMicroseconds(50), MostBudget = TimeSpan.FromMicroseconds(200);

    private static readonly Lazy<MachineTiming> Measured = new(static () => Of(Environment.ProcessorCount > 1 ? Measurement.Take() : null));

    /// <summary>This machine's. The first time takes about a millisecond.</summary>
    public static MachineTiming Here => Measured.Value;

    /// <summary>
    /// How long to look before one sleeps. A core that has been idle for longer than it was in the measurement wakes up later, and the next call often comes while the last
    /// result is being used: so somewhat more than the wake-up.
    /// </summary>
    public TimeSpan SpinBudget => new(Math.Clamp((WakeUp * 2.5).Ticks, LeastBudget.Ticks, MostBudget.Ticks));

    /// <summary>An answer that is expected sooner is waited for awake, also by who need not wait.</summary>
    public TimeSpan AwakeFor => WakeUp / 2;

    /// <summary>What the measurements come to; null for none.</summary>
    public static MachineTiming Of((TimeSpan RoundTrip, TimeSpan WakeUp)? measured) => measured is { } it
        ? new(it.RoundTrip, it.WakeUp, IsMeasured: true)
        : new(TimeSpan.Zero, Usual, IsMeasured: false);
}
