using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace Kernmantle.Scheduling.Maps;

/// <summary>Runs a function over many inputs: pulls them no faster than results are taken.</summary>
internal static class Mapping
{
    /// <summary>Calls under way per worker: one runs, the others keep it from waiting for the consumer.</summary>
    public const int PerWorker = 4;

    private static readonly Task Never = new TaskCompletionSource().Task;

    public static async IAsyncEnumerable<MapResult<T, TResult>> InOrderAsync<T, TResult>(
        Submission calls,
        IAsyncEnumerable<T> inputs,
        Func<T, CancellationToken, Task<TResult>> run,
        CancellationToken outer,
        [EnumeratorCancellation] CancellationToken inner = default)
    {
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(outer, inner);
        var underWay = new Queue<(T Input, Task<TResult> Task)>();
        var next = new MapInputs<T>(inputs, calls.Scheduler.Shutdown, cancel.Token);
        long index = 0;
        try
        {
            while (next.MayHaveMore || underWay.Count > 0)
            {
                Task oldest = underWay.TryPeek(out (T Input, Task<TResult> Task) head) ? head.Task : Never;
                if (oldest.IsCompleted || underWay.Count >= calls.MapWindow || next.Ended)
                    yield return await TakeAsync(underWay.Dequeue(), index++, outer, inner).ConfigureAwait(false);
                else if (await next.NextAsync(oldest).ConfigureAwait(false))
                    underWay.Enqueue((next.Current, run(next.Current, cancel.Token)));
            }
            next.ThrowIfFailed();
        }
        finally
        {
            await EndAsync(cancel, next, underWay.Select(static u => u.Task)).ConfigureAwait(false);
        }
    }

    public static async IAsyncEnumerable<MapResult<T, TResult>> AsFinishedAsync<T, TResult>(
        Submission calls,
        IAsyncEnumerable<T> inputs,
        Func<T, CancellationToken, Task<TResult>> run,
        bool endsWithPool,
        CancellationToken outer,
        [EnumeratorCancellation] CancellationToken inner = default)
    {
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(outer, inner);
        var finished = Channel.CreateUnbounded<(long Index, T Input, Task<TResult> Task)>();
        var underWay = new HashSet<Task>();
        var next = new MapInputs<T>(inputs, endsWithPool ? calls.Scheduler.Shutdown : null, cancel.Token);
        long count = 0;
        try
        {
            while (next.MayHaveMore || underWay.Count > 0)
            {
                Task<bool> any = finished.Reader.WaitToReadAsync(CancellationToken.None).AsTask();
                if (any.IsCompleted || underWay.Count >= calls.MapWindow || next.Ended)
                {
                    (long index, T input, Task<TResult> task) = await finished.Reader.ReadAsync(CancellationToken.None).ConfigureAwait(false);
                    underWay.Remove(task);
                    yield return await TakeAsync((input, task), index, outer, inner).ConfigureAwait(false);
                }
                else if (await next.NextAsync(any).ConfigureAwait(false))
                {
                    underWay.Add(ReportAsync(count++, next.Current, run(next.Current, cancel.Token), finished.Writer));
                }
            }
            next.ThrowIfFailed();
        }
        finally
        {
            await EndAsync(cancel, next, underWay).ConfigureAwait(false);
        }
    }

    /// <summary>Tells how far it is, from when it begins.</summary>
    public static async IAsyncEnumerable<MapResult<T, TResult>> MeteredAsync<T, TResult>(IAsyncEnumerable<MapResult<T, TResult>> results, Func<MapMeter> begin, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        MapMeter meter = begin();
        await foreach (MapResult<T, TResult> result in results.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            meter.Count(1, result.IsSuccess ? 0 : 1);
            yield return result;
        }
        meter.End();
    }

    public static IAsyncEnumerable<T> AsAsync<T>(IEnumerable<T> inputs) => new ListedInputs<T>(inputs);

    private static Task<TResult> ReportAsync<T, TResult>(long index, T input, Task<TResult> task, ChannelWriter<(long, T, Task<TResult>)> finished)
    {
        _ = task.ContinueWith(
            t => finished.TryWrite((index, input, t)),
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
        return task;
    }

    /// <summary>An item's failure is its own; the consumer's cancellation ends the whole enumeration.</summary>
    private static async ValueTask<MapResult<T, TResult>> TakeAsync<T, TResult>((T Input, Task<TResult> Task) item, long index, CancellationToken outer, CancellationToken inner)
    {
        await ((Task)item.Task).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        outer.ThrowIfCancellationRequested();
        inner.ThrowIfCancellationRequested();
        if (item.Task.IsCompletedSuccessfully)
            return new(index, item.Input, await item.Task.ConfigureAwait(false), null);
        Exception failure = item.Task.Exception?.InnerException ?? new TaskCanceledException(item.Task);
        return new(index, item.Input, default!, failure);
    }

    /// <summary>Nothing is left running when the enumeration has ended.</summary>
    private static async ValueTask EndAsync<T>(CancellationTokenSource cancel, MapInputs<T> inputs, IEnumerable<Task> left)
    {
        await cancel.CancelAsync().ConfigureAwait(false);
        foreach (Task task in left)
            await task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await inputs.DisposeAsync().ConfigureAwait(false);
    }
}
