using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Kernmantle.Functions;
using Kernmantle.Python.Calls;
using Kernmantle.Python.Memory;
using Kernmantle.Python.Workers;
using Kernmantle.Scheduling;
using Kernmantle.Scheduling.Calls;
using Kernmantle.Scheduling.Maps;

namespace Kernmantle.Python.Mapping;

/// <summary>A map whose items travel in batches of as many as make some 2 ms of work. The first one travels alone: its result is not delayed.</summary>
internal static class PythonMapping
{
    private const double BatchMicroseconds = 2000;
    private const int LargestBatch = 8192;

    /// <summary>Batches under way for each worker: one is worked at, one waits, one is being taken out.</summary>
    private const int PerWorker = 3;

    /// <summary>The same for coroutines, which wait at the same time: one item each.</summary>
    private const int CoroutinesPerWorker = 256;

    public static async IAsyncEnumerable<MapResult<T, TResult>> RunAsync<T, TResult>(
        Scheduler scheduler,
        PythonKind kind,
        string function,
        IAsyncEnumerable<T> source,
        CallOptions options,
        bool ordered,
        CancellationToken outer,
        [EnumeratorCancellation] CancellationToken inner = default)
    {
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(outer, inner);
        var progress = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });
        using CancellationTokenRegistration registration = cancel.Token.UnsafeRegister(_ => progress.Writer.TryWrite(true), null);
        var inputs = new BatchInputs<T>(source, scheduler.Shutdown, cancel.Token);
        var batches = new List<PythonBatch<T, TResult>>();
        CallDuration duration = kind.DurationOf(function);
        bool interleaves = false;
        long index = 0;
        try
        {
            while (true)
            {
                int window = scheduler.WorkerCount * (interleaves ? CoroutinesPerWorker : kind.HasThreads ? PerWorker + Environment.ProcessorCount : PerWorker);
                while (batches.Count < window && inputs.MayHaveMore && await inputs.HasMoreAsync(wait: batches.Count == 0).ConfigureAwait(false))
                {
                    List<T> items = Fill(inputs, interleaves ? 1 : (int)Math.Clamp(BatchMicroseconds / duration.Estimate, 1, Math.Min(LargestBatch, scheduler.Options.QueueCapacity)));
                    Send(scheduler, kind, function, items, index, options, batches, batches.Count, progress.Writer, cancel.Token);
                    index += items.Count;
                }
                outer.ThrowIfCancellationRequested();
                inner.ThrowIfCancellationRequested();
                if (batches.Count == 0)
                {
                    if (!inputs.Ended)
                        continue;
                    inputs.ThrowIfFailed();
                    yield break;
                }
                bool any = false;
                for (int i = 0; i < batches.Count && (!ordered || i == 0); i++)
                {
                    PythonBatch<T, TResult> batch = batches[i];
                    interleaves |= batch.Interleaves && !kind.HasThreads;   // on a thread, one item follows the other
                    if (!batch.Ended.IsCompleted)
                        continue;
                    any = true;
                    batches.RemoveAt(i);
                    if (batch.ItemMicroseconds > 0)
                        duration.Sample(batch.ItemMicroseconds);
                    List<T> rest = batch.Rest;
                    if (rest.Count > 0)
                        Send(scheduler, kind, function, rest, batch.FirstIndex + batch.Results.Count, options, batches, i, progress.Writer, cancel.Token);
                    i--;
                    foreach (MapResult<T, TResult> result in batch.Results)
                    {
                        outer.ThrowIfCancellationRequested();
                        inner.ThrowIfCancellationRequested();
                        yield return result;
                    }
                    if (ordered)
                        break;
                }
                if (!any)
                    await inputs.WaitAsync(progress.Reader, batches.Count < window).ConfigureAwait(false);
            }
        }
        finally
        {
            await cancel.CancelAsync().ConfigureAwait(false);
            foreach (PythonBatch<T, TResult> batch in batches)
                await batch.Ended.ConfigureAwait(false);
            await inputs.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>As much as fits and is there at once. A source that takes its time for each input does not hold up the ones before.</summary>
    private static List<T> Fill<T>(BatchInputs<T> inputs, int size)
    {
        long started = Environment.TickCount64;
        var items = new List<T>(size);
        do
            items.Add(inputs.Take());
        while (items.Count < size && Environment.TickCount64 - started <= 2 && inputs.TryMoveNext());
        return items;
    }

    /// <summary>One that cannot be sent as a whole is sent in halves, so that only the item that is the reason fails.</summary>
    private static void Send<T, TResult>(
        Scheduler scheduler,
        PythonKind kind,
        string function,
        List<T> items,
        long index,
        CallOptions options,
        List<PythonBatch<T, TResult>> batches,
        int place,
        ChannelWriter<bool> progress,
        CancellationToken token)
    {
        var batch = new PythonBatch<T, TResult>(function, items, index, kind.NewMemory(lends: true), options, token);
        if (scheduler.Submission.Send(batch) is { } failure)
        {
            if (items.Count > 1)
            {
                batch.Memory.Close(again: true);
                int half = items.Count / 2;
                Send(scheduler, kind, function, items[half..], index + half, options, batches, place, progress, token);
                Send(scheduler, kind, function, items[..half], index, options, batches, place, progress, token);
                return;
            }
            batch.Complete(Outcome.Failed(failure));
        }
        batches.Insert(place, batch);
        _ = batch.Ended.ContinueWith(_ => progress.TryWrite(true), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }
}
