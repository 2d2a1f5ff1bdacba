using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Kernmantle.Functions;

namespace Kernmantle.Scheduling.Maps;

/// <summary>
/// A map whose items are tiny: they travel in frames of as many as make some 300 µs of work, as far as is known. The first one travels alone, so that its
/// result is not delayed; a source that has no more at once does not hold up what it has given.
/// </summary>
internal static class BatchMapping
{
    private const int LargestFrame = 8192;

    /// <summary>Frames under way for each worker: one is worked at, one waits there, one is being taken out.</summary>
    private const int PerWorker = 3;

    public static async IAsyncEnumerable<MapResult<T, TResult>> RunAsync<T, TResult>(
        Submission calls,
        IAsyncEnumerable<T> source,
        MapCall map,
        bool ordered,
        CancellationToken outer,
        [EnumeratorCancellation] CancellationToken inner = default)
    {
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(outer, inner);
        var progress = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });
        Function identity = Function.Of<ValueTuple<T>, TResult>(map.Function, map.Shape);
        var frames = new List<MapFrame<T, TResult>>();
        var inputs = new BatchInputs<T>(source, cancel.Token);
        using CancellationTokenRegistration registration = cancel.Token.UnsafeRegister(_ => progress.Writer.TryWrite(true), null);
        long index = 0;
        try
        {
            while (true)
            {
                while (frames.Count < calls.Scheduler.WorkerCount * PerWorker && !inputs.Ended && await inputs.HasMoreAsync(wait: frames.Count == 0).ConfigureAwait(false))
                {
                    if (cancel.IsCancellationRequested)
                        break;   // reported below
                    MapFrame<T, TResult> frame = NewFrame();
                    Exception? failure = Fill(frame, inputs);
                    index += frame.Count;
                    if (frame.Count > 0)
                    {
                        BatchCall call = frame.Seal();
                        frames.Add(frame);
                        _ = calls.Scheduler.SubmitQuick(call, attend: false);
                    }
                    if (failure is not null)
                    {
                        frame = NewFrame();
                        frame.Fail(inputs.Take(), failure);
                        index++;
                        frames.Add(frame);
                    }
                }
                outer.ThrowIfCancellationRequested();
                inner.ThrowIfCancellationRequested();
                if (frames.Count == 0)
                {
                    if (inputs.Ended)
                        yield break;
                    continue;
                }
                bool any = false;
                for (int i = 0; i < (ordered ? 1 : frames.Count); i++)
                {
                    MapFrame<T, TResult> frame = frames[i];
                    while (frame.TryTake(ordered, out MapResult<T, TResult> result))
                    {
                        any = true;
                        yield return result;
                    }
                    if (frame.IsDrained)
                        frames.RemoveAt(i--);
                    if (ordered && frames.Count == 0)
                        break;
                }
                if (!any)
                    await inputs.WaitAsync(progress.Reader, frames.Count < calls.Scheduler.WorkerCount * PerWorker).ConfigureAwait(false);
            }
        }
        finally
        {
            await cancel.CancelAsync().ConfigureAwait(false);
            foreach (MapFrame<T, TResult> frame in frames)
                frame.Cancel(calls);
            foreach (MapFrame<T, TResult> frame in frames)
            {
                while (!frame.IsDrained)
                {
                    if (!frame.TryTake(ordered: false, out _))
                        _ = await progress.Reader.ReadAsync(CancellationToken.None).ConfigureAwait(false);
                }
            }
            await inputs.DisposeAsync().ConfigureAwait(false);
        }

        MapFrame<T, TResult> NewFrame() => new(map, identity, index, SizeFor(identity, calls), calls.EncodeLimit, () => progress.Writer.TryWrite(true), cancel.Token);
    }

    private static int SizeFor(Function function, Submission calls) =>
        (int)Math.Clamp(CallDuration.Ahead / function.Duration.Estimate, 1, Math.Min(LargestFrame, calls.Scheduler.Options.QueueCapacity));

    /// <summary>As much as fits and is there at once. A source that takes its time for each input does not hold up the ones before.</summary>
    /// <returns>Why the next input cannot cross, which is put back then; null if nothing is known against it.</returns>
    private static Exception? Fill<T, TResult>(MapFrame<T, TResult> frame, BatchInputs<T> inputs)
    {
        long started = Environment.TickCount64;
        do
        {
            try
            {
                frame.Add(inputs.Take());
            }
            catch (Exception e)
            {
                inputs.PutBack();
                return e is PayloadTooLargeException && frame.Count > 0 ? null : e;   // what does not fit any more may fit the next frame
            }
        }
        while (!frame.IsFull && Environment.TickCount64 == started && inputs.TryMoveNext());
        return null;
    }
}
