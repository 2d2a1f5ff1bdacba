using System.Runtime.CompilerServices;

namespace Kernmantle.Calls;

/// <summary>The consumer's side of a stream.</summary>
internal static class Streaming
{
    /// <summary>
    /// Starts the call when enumeration starts. Leaving the enumeration early cancels the call and waits for its end, so that its
    /// worker is free afterwards.
    /// </summary>
    public static async IAsyncEnumerable<TItem> ReadAsync<TItem>(
        WorkerPool pool,
        Func<CancellationToken, StreamCall<TItem>> create,
        CancellationToken outer,
        [EnumeratorCancellation] CancellationToken inner = default)
    {
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(outer, inner);
        StreamCall<TItem> call = create(cancel.Token);
        if (pool.Send(call) is { } failure)
            throw failure;
        try
        {
            await foreach (TItem item in call.Items.ReadAllAsync(CancellationToken.None).ConfigureAwait(false))
            {
                call.Consumed();
                yield return item;
            }
        }
        finally
        {
            if (!call.Task.IsCompleted)
            {
                await cancel.CancelAsync().ConfigureAwait(false);
                await call.Task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
        try
        {
            await call.Task.ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (outer.IsCancellationRequested || inner.IsCancellationRequested)
        {
            throw new OperationCanceledException(outer.IsCancellationRequested ? outer : inner);
        }
    }
}
