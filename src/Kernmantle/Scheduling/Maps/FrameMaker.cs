using Kernmantle.Functions;

namespace Kernmantle.Scheduling.Maps;

/// <summary>
/// Makes the frames of a map: of as many inputs as make some 300 µs of work, as far as is known, and no more than go to a worker the short way. The first one travels alone, so that its
/// result is not delayed; a source that has no more at once does not hold up what it has given.
/// </summary>
/// <param name="map">The map.</param>
/// <param name="inputs">Its inputs.</param>
/// <param name="calls">Makes its calls.</param>
/// <param name="target">Where the results go; null: each frame keeps its own.</param>
internal sealed class FrameMaker<T, TResult>(BatchMap<T, TResult> map, BatchInputs<T> inputs, Submission calls, IMapTarget<TResult>? target) : IDisposable
{
    private const int LargestFrame = 8192;

    /// <summary>Of the items of a slice, in bytes: enough to make handing it over cheap, and little enough for a processor's own cache.</summary>
    private const int LargestSlice = 512 << 10;

    /// <summary>Of items that are encoded, in bytes: the same.</summary>
    private const int LargestPayload = 64 << 10;

    private readonly MapEncoding<T>? encoding = map.Slice is null
        ? new(map.Function, map.Call.Function, calls.EncodeLimit, Math.Min(LargestPayload, calls.Scheduler.Kind.LargestInRing))
        : null;

    private readonly List<T> pulled = [];
    private long index;

    /// <summary>Of the input that was found, and of what is there behind it. Then, where the next cannot cross, one that has failed with that.</summary>
    public IEnumerable<MapFrame<T, TResult>> Make()
    {
        ReadOnlyMemory<T> many = Collect(Size(), out Exception? failure);
        if (many.Length > 0)
            yield return New(many, encoding?.Take() ?? map.Captures);
        if (failure is null)
            yield break;
        MapFrame<T, TResult> failed = New(new[] { inputs.Take() }, default);
        failed.SetFailure(0, failure);
        yield return failed;
    }

    public void Dispose() => encoding?.Dispose();

    private MapFrame<T, TResult> New(ReadOnlyMemory<T> many, ReadOnlyMemory<byte> payload)
    {
        ArraySegment<TResult> room = target?.Room(index, many.Length) ?? new TResult[many.Length];
        var frame = new MapFrame<T, TResult>(map, index, many, payload, room);
        index += many.Length;
        return frame;
    }

    private int Size()
    {
        double most = map.Slice is { } slice ? LargestSlice / (slice.InputBytes + slice.ResultBytes) : calls.Scheduler.Options.QueueCapacity;
        if (target is null || map.Slice is null)
            most = Math.Min(most, LargestFrame);   // a source is not pulled far ahead of its consumer
        most = Math.Min(most, calls.Scheduler.Kind.Recycling?.Calls ?? most);
        return (int)Math.Clamp(CallDuration.Ahead / map.Function.Duration.Estimate, 1, Math.Max(1, most));
    }

    /// <summary>As much as fits and is there at once.</summary>
    /// <param name="most">No more than that.</param>
    /// <param name="failure">Why the next one, which is still to be taken, cannot cross; null if nothing is known against it.</param>
    private ReadOnlyMemory<T> Collect(int most, out Exception? failure)
    {
        failure = null;
        ReadOnlyMemory<T> ahead = inputs.Ahead(most);
        if (ahead.IsEmpty)
            return Pull(most, out failure);
        int count = ahead.Length;
        if (encoding is not null)
            failure = Encode(encoding, ahead.Span, out count);
        inputs.TakeAhead(count);
        return ahead[..count];
    }

    /// <summary>A source that takes its time for each input does not hold up the ones before.</summary>
    private T[] Pull(int most, out Exception? failure)
    {
        failure = null;
        long started = Environment.TickCount64;
        do
        {
            T input = inputs.Take();
            if (encoding is not null)
            {
                failure = Encode(encoding, new(in input), out int count);
                if (count == 0)
                {
                    inputs.PutBack();
                    break;
                }
            }
            pulled.Add(input);
        }
        while (pulled.Count < most && encoding?.IsFull != true && Environment.TickCount64 == started && inputs.TryMoveNext());
        T[] all = [.. pulled];
        pulled.Clear();
        return all;
    }

    /// <summary>As many as are of this frame. Returns why the next cannot cross.</summary>
    private static Exception? Encode(MapEncoding<T> encoding, ReadOnlySpan<T> items, out int count)
    {
        count = 0;
        try
        {
            encoding.Add(items, out count);
            return null;
        }
        catch (Exception e)
        {
            return e is PayloadTooLargeException && encoding.Count > 0 ? null : e;   // what does not fit any more may fit the next frame
        }
    }
}
