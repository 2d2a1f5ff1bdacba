using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Kernmantle.Wire.Shared;

/// <summary>
/// How long one end looks for the other's answer before it sleeps. A sleeper's wake-up on another core costs as much as hundreds of
/// calls, so looking pays for at least that long; but where the looker itself loses its core, others need it more, and looking
/// would only keep the answer from being made. So the budget is time, and a gap between two looks that only a lost core explains
/// mutes looking for a while, longer at every repetition. Nothing is learnt from how long answers took: a wait in which the other
/// side slept says nothing about the next one. Racy on purpose: the worst is a budget used once too often.
/// </summary>
internal sealed class AdaptiveSpin(TimeSpan budget)
{
    /// <summary>Between two looks at the clock lies about a microsecond of looking.</summary>
    private static readonly long Gap = Ticks(TimeSpan.FromMicroseconds(100));

    private static readonly long ShortestMute = Ticks(TimeSpan.FromMilliseconds(2)), LongestMute = Ticks(TimeSpan.FromMilliseconds(128));

    /// <summary>How long a lost core is remembered.</summary>
    private static readonly long Memory = Ticks(TimeSpan.FromSeconds(1));

    /// <summary>Longer than an idle worker with a core needs to begin.</summary>
    private static readonly long Patience = Ticks(TimeSpan.FromMicroseconds(10));

    private readonly long ticks = Ticks(budget);

    private long lastLoss;
    private long mutedUntil;
    private long mute = ShortestMute;
    private Backoff idleWorkers;

    /// <summary>Whether to look at all, now.</summary>
    public bool IsWorthwhile => ticks > 0 && (mutedUntil == 0 || IsMuteOver());

    /// <summary>No core was lost of late: giving one's own up for a moment does not mean to lose it for long.</summary>
    public bool IsCalm => lastLoss == 0 || Stopwatch.GetTimestamp() - lastLoss > Memory;

    /// <summary>
    /// Whether to look at an idle worker that does not sleep. It may wait on the looker's own core, where looking only holds it up, every
    /// time: so where the last look of this kind was <see cref="InVain"/>, the next ones are left out, twice as many at every repetition.
    /// </summary>
    public bool IsLeftOut() => idleWorkers.IsLeftOut();

    /// <summary>The worker did not begin although it was idle and awake: it has no core while it is looked for.</summary>
    public void InVain() => idleWorkers.InVain();

    private bool IsMuteOver()
    {
        if (Stopwatch.GetTimestamp() < mutedUntil)
            return false;
        mutedUntil = 0;
        return true;
    }

    private void Mute(long now)
    {
        lastLoss = now;
        mutedUntil = now + mute;
        mute = Math.Min(mute * 2, LongestMute);
    }

    /// <summary>An answer came while it was looked for: the core is ours again.</summary>
    private void Calm() => mute = Math.Max(mute / 2, ShortestMute);

    private static long Ticks(TimeSpan time) => (long)(time.TotalSeconds * Stopwatch.Frequency);

    /// <summary>One wait.</summary>
    /// <param name="policy">The budget.</param>
    /// <param name="woke">
    /// The looker has just woken the other side, which the system likes to put on the waker's own core: then it would wait there for as long
    /// as it is looked for. So the core is offered to it between the looks.
    /// </param>
    public struct Wait(AdaptiveSpin policy, bool woke)
    {
        private const int LooksPerTick = 32;

        private const int LooksPerOffer = 8;

        private int looks;
        private long started;
        private long last;

        /// <summary>Pauses for a moment; false when the time is up, or the core was lost.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public bool Next()
        {
            if (++looks % LooksPerTick == 0)
                return IsInTime();
            if (woke && looks % LooksPerOffer == 1)
                Thread.Yield();
            if (X86Base.IsSupported)
                X86Base.Pause();
            else if (ArmBase.IsSupported)
                ArmBase.Yield();
            return true;
        }

        /// <summary>The same for as many moments.</summary>
        public bool Next(int moments)
        {
            while (moments > 1 && Next())
                moments--;
            return moments <= 1 && Next();
        }

        /// <summary>To be told when the wait has ended well, having looked.</summary>
        public readonly void Succeeded()
        {
            policy.idleWorkers.Succeeded();
            if (policy.mute > ShortestMute && looks > 0)
                policy.Calm();
        }

        /// <summary>An idle worker with a core would have begun by now.</summary>
        public readonly bool IsLong => started != 0 && last - started > Patience;

        private bool IsInTime()
        {
            long now = Stopwatch.GetTimestamp();
            if (started == 0)
                started = now;
            else if (now - last > Gap)
                policy.Mute(now);
            last = now;
            return policy.mutedUntil == 0 && now - started < policy.ticks;
        }
    }
}
