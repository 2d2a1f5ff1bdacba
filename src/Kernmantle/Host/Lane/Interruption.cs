using Kernmantle.Wire;

namespace Kernmantle.Host.Lane;

/// <summary>
/// Cancels calls in a worker of another language: by a frame, and by a signal that makes the worker look at it. A signal may fall where
/// nobody looks: between a look and the system call that then waits, or before the frame. So it is followed by others, which mean nothing
/// to the program, until the worker says that it has taken all frames, or no cancelled call is left. Thread-safe.
/// </summary>
internal sealed class Interruption(LinkDialect dialect, TimeProvider clock, CancellationToken ending)
{
    /// <summary>Most are taken sooner.</summary>
    internal static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(10);

    /// <summary>Short beside the usual grace.</summary>
    internal static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(100);

    private readonly Lock gate = new();
    private readonly HashSet<long> cancelled = [];
    private Task repeating = Task.CompletedTask;
    private bool repeats;
    private long frames;

    /// <summary>
    /// The worker has the call, and is to be told to cancel it: sends the frame. False: it has been told before. Told twice, it would
    /// interrupt what cleans up. <see cref="SignalAsync"/> is to follow.
    /// </summary>
    public bool TryTell(long call, IFrameTransport channel)
    {
        lock (gate)
        {
            if (!cancelled.Add(call))
                return false;
            frames++;
            channel.Send(FrameKind.CancelCall, call, default);
            if (!repeats)
            {
                repeats = true;
                repeating = RepeatAsync();
            }
            return true;
        }
    }

    /// <summary>At once, since the worker may not be reading what stands before the frame; and again once the frame has been sent.</summary>
    public async Task SignalAsync(IFrameTransport channel)
    {
        ValueTask sent = channel.FlushAsync(ending);
        bool isThere = sent.IsCompletedSuccessfully;   // before the signal, which would otherwise have come for nothing
        dialect.Interrupt();
        if (isThere)
            return;
        await sent.AsTask().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);   // the end of the connection is reported elsewhere
        dialect.InterruptAgain();
    }

    /// <summary>The call has ended.</summary>
    public void Forget(long call)
    {
        lock (gate)
            cancelled.Remove(call);
    }

    /// <summary>Completes when nothing is repeated. After the token of the end has been cancelled: from then on the dialect is not asked what the worker has taken.</summary>
    public Task Repeating
    {
        get
        {
            lock (gate)
                return repeating;
        }
    }

    private async Task RepeatAsync()
    {
        for (TimeSpan pause = FirstPause; ; pause = TimeSpan.FromTicks(Math.Min(2 * pause.Ticks, LongestPause.Ticks)))
        {
            await Task.Delay(pause, clock, ending).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
            bool isMissing;
            lock (gate)
            {
                repeats = cancelled.Count > 0 && !ending.IsCancellationRequested;
                if (!repeats)
                    return;
                isMissing = !dialect.HasTaken(frames);
            }
            if (isMissing)
                dialect.InterruptAgain();
        }
    }
}
