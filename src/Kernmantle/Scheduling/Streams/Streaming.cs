using System.Runtime.CompilerServices;

namespace Kernmantle.Scheduling.Streams;

/// <summary>The consumer's side of a stream.</summary>
internal static class Streaming
{
    /// <summary>
    /// Starts the call when enumeration starts, by <paramref name="start"/>, which is given the call's token and throws what keeps it from that. Leaving the enumeration early cancels the call and waits for its end, so that its
    /// worker is free afterwards.
    /// </summary>
    public static async IAsyncEnumerable<TItem> ReadAsync<TItem>(
        Func<CancellationToken, IStreamSource<TItem>> start,
        CancellationToken outer,
        [EnumeratorCancellation] CancellationToken inner = default)
    {
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(outer, inner);
        IStreamSource<TItem> stream = start(cancel.Token);
        try
        {
            while (await stream.WaitAsync().ConfigureAwait(false))
            {
                while (stream.TryTake(out TItem item))
                    yield return item;
            }
        }
        finally
        {
            if (!stream.End.IsCompleted)
            {
                stream.Leave();
                await cancel.CancelAsync().ConfigureAwait(false);
                await stream.End.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
        try
        {
            await stream.End.ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (outer.IsCancellationRequested || inner.IsCancellationRequested)
        {
            throw new OperationCanceledException(outer.IsCancellationRequested ? outer : inner);
        }
    }

    /// <summary>Submits the call.</summary>
    /// <exception cref="Exception">What keeps it from that.</exception>
    public static IStreamSource<TItem> Start<TItem>(Submission calls, StreamCall<TItem> call) => calls.Send(call) is { } failure ? throw failure : call;
}
