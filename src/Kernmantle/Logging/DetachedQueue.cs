using System.Collections.Concurrent;

namespace Kernmantle.Logging;

/// <summary>
/// What is to be handed to code of the user's, which may be slow or never return: anywhere added, under a lock too, and handed over on the thread pool, one item at a time and in order.
/// Thread-safe.
/// </summary>
/// <param name="most">So many items wait; more are dropped, and counted.</param>
/// <param name="handle">Runs the user's code; does not throw.</param>
/// <param name="onDropped">Is told how many were dropped, when there is room again, in the same way as <paramref name="handle"/>.</param>
internal sealed class DetachedQueue<T>(int most, Action<T> handle, Action<int> onDropped)
    where T : class
{
    private readonly ConcurrentQueue<(T? Item, TaskCompletionSource? Flushed)> queue = new();
    private int waiting;
    private int draining;
    private int dropped;

    /// <summary>False: it was dropped.</summary>
    public bool TryAdd(T item)
    {
        if (Interlocked.Increment(ref waiting) <= most)
        {
            Enqueue(item, null);
            return true;
        }
        Interlocked.Decrement(ref waiting);
        Interlocked.Increment(ref dropped);
        return false;
    }

    /// <summary>Completes when what has been added until now was handed over, or the bound has passed. Does not throw.</summary>
    public async Task FlushAsync(TimeSpan bound)
    {
        var flushed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Enqueue(null, flushed);
        await flushed.Task.WaitAsync(bound, TimeProvider.System).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private void Enqueue(T? item, TaskCompletionSource? flushed)
    {
        queue.Enqueue((item, flushed));
        if (Interlocked.Exchange(ref draining, 1) == 0)
            ThreadPool.UnsafeQueueUserWorkItem(static self => self.Drain(), this, preferLocal: false);
    }

    private void Drain()
    {
        do
        {
            while (queue.TryDequeue(out (T? Item, TaskCompletionSource? Flushed) next))
            {
                next.Flushed?.SetResult();
                if (next.Item is null)
                    continue;
                handle(next.Item);
                Interlocked.Decrement(ref waiting);
                if (Interlocked.Exchange(ref dropped, 0) is > 0 and int lost)
                    onDropped(lost);
            }
            Interlocked.Exchange(ref draining, 0);   // a full fence: what is enqueued from here on is seen below, or drained by its writer
        }
        while (!queue.IsEmpty && Interlocked.Exchange(ref draining, 1) == 0);
    }
}
