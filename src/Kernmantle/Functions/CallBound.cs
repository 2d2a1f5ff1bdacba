namespace Kernmantle.Functions;

/// <summary>The timeout of a call that is part of the one that makes it: it is asked to end, and nobody can do more about it without ending its caller.</summary>
internal sealed class CallBound : IDisposable
{
    private readonly CancellationTokenSource? source;
    private readonly ITimer? timer;
    private readonly TimeSpan bound;
    private readonly CancellationToken caller;

    private CallBound(TimeSpan bound, TimeProvider clock, CancellationToken caller)
    {
        (this.bound, this.caller) = (bound, caller);
        if (bound == Timeout.InfiniteTimeSpan)
            return;
        source = CancellationTokenSource.CreateLinkedTokenSource(caller);
        timer = clock.CreateTimer(static state => ((CancellationTokenSource)state!).Cancel(), source, bound, Timeout.InfiniteTimeSpan);
    }

    public CancellationToken Token => source?.Token ?? caller;

    public static CallBound Of(TimeSpan bound, TimeProvider clock, CancellationToken caller) => new(bound, clock, caller);

    /// <exception cref="CallTimeoutException">It was cancelled since its time was over.</exception>
    public void ThrowIfOver(string name, bool isCancelled)
    {
        if (isCancelled && !caller.IsCancellationRequested && source is { IsCancellationRequested: true })
            throw new CallTimeoutException($"{name} ran longer than its timeout of {bound}. It ran as part of the call that made it, in the same worker, and was cancelled.", bound);
    }

    public void Dispose()
    {
        timer?.Dispose();
        source?.Dispose();
    }
}
