using Kernmantle.Child.Logs;
using Kernmantle.Child.Objects;
using Kernmantle.Logging.Events;
using Kernmantle.Payloads;
using Kernmantle.Wire;
using Kernmantle.Wire.Bytes;
using Microsoft.Extensions.Logging;

namespace Kernmantle.Child;

/// <summary>
/// What connects one call in the worker with its caller while it lasts: tokens that mirror the caller's, credit for a stream's items,
/// reports of progress, its end. Thread-safe: the reader thread cancels and grants credit, user code on any thread reports.
/// </summary>
internal sealed class CallLinks(long id, ActiveCalls calls, IFrameTransport transport, ILogger logger, ConsoleCapture? console, ObjectCalls objects) : IPayloadScope
{
    private readonly Lock gate = new();
    private readonly CancellationTokenSource own = new();
    private readonly Dictionary<int, CancellationTokenSource> crossed = [];
    private volatile SemaphoreSlim? credit;
    private bool ended;

    public long Id => id;

    /// <summary>The call's own token: cancelled with the call, and when the worker is asked to stop.</summary>
    public CancellationToken Token => own.Token;

    /// <summary>Whether an <see cref="OperationCanceledException"/> of this call can come from its caller.</summary>
    public bool IsCancelled
    {
        get
        {
            lock (gate)
                return own.IsCancellationRequested || crossed.Values.Any(static source => source.IsCancellationRequested);
        }
    }

    public int AddToken(CancellationToken token) => throw HostOnly();

    public int AddProgress<TReport>(IProgress<TReport> progress, Codec<TReport> codec) => throw HostOnly();

    public long AddRemote(IRemoteObject remote) => throw HostOnly();

    public CancellationToken GetToken(int index) => Source(index).Token;

    public IProgress<TReport> GetProgress<TReport>(int index, Codec<TReport> codec) => new ProgressLink<TReport>(this, index, codec);

    public IRemoteObject GetRemote(long id) => new HandedObject(id, objects);

    public void Cancel() => _ = CancelAsync(own);

    /// <summary>Cancels a source whose callbacks are user code.</summary>
    public void CancelElsewhere(CancellationTokenSource source) => _ = CancelAsync(source);

    /// <summary>The token may not have been decoded yet: its source is there before it.</summary>
    public void CancelCrossed(int index) => _ = CancelAsync(Source(index));

    public void OpenStream(int window) => credit = new SemaphoreSlim(window);

    public void AddCredit(int items) => credit?.Release(items);

    /// <summary>Waits until one more item may be sent.</summary>
    /// <exception cref="OperationCanceledException">The call was cancelled: its consumer takes no more.</exception>
    public void TakeCredit() => credit!.Wait(Token);

    /// <summary>The call's function is called next: from here on its time counts.</summary>
    public void StartClock() => transport.StartClock(id);

    /// <summary>The function, and the task that it returned, have completed.</summary>
    public void StopClock() => transport.StopClock(id);

    /// <summary>Sends a frame of this call, unless it has ended.</summary>
    public void Send(FrameKind kind, ReadOnlySpan<byte> body)
    {
        lock (gate)
        {
            if (!ended)
                transport.Send(kind, id, body);
        }
    }

    /// <summary>Sends the call's last frame; what user code still reports from other threads is dropped.</summary>
    public void End(FrameKind kind, ReadOnlySpan<byte> body)
    {
        console?.EndLines();   // what the call wrote without a line end belongs before its end
        lock (gate)
        {
            if (ended)
                throw new InvalidOperationException($"Call {id} has ended already.");
            ended = true;
            calls.Remove(id);   // removed first: the host may send the call again, under the same id, as soon as it has read this frame
            transport.Send(kind, id, body);
        }
    }

    private CancellationTokenSource Source(int index)
    {
        lock (gate)
        {
            if (!crossed.TryGetValue(index, out CancellationTokenSource? source))
                crossed.Add(index, source = new CancellationTokenSource());
            return source;
        }
    }

    /// <summary>The token shows as cancelled at once; callbacks, which are user code, run elsewhere, so that they cannot hold up the reader.</summary>
    private async Task CancelAsync(CancellationTokenSource source)
    {
        try
        {
            await source.CancelAsync().ConfigureAwait(false);
        }
        catch (AggregateException e)
        {
            ChildEvents.TokenCallbackFailed(logger, e, id);
        }
    }

    private static InvalidOperationException HostOnly() => new("Only the host adds tokens, progress sinks and objects to a call.");
}
