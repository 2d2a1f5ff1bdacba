using System.Collections;

namespace Kernmantle.Scheduling.Maps;

/// <summary>What comes of a map whose results are wanted as a whole. By one thread, but for the results that workers' answers bring to their places.</summary>
/// <param name="name">The map's.</param>
/// <param name="count">How many there are; null where that is not known before the end.</param>
/// <param name="keeps">There are results; else only failures count.</param>
/// <param name="stops">The first failure ends the map, so that what is there is no matter of course.</param>
/// <param name="meter">Is told; null for nobody.</param>
internal sealed class MapResults<TResult>(Func<string> name, int? count, bool keeps, bool stops, MapMeter? meter) : IMapTarget<TResult>
{
    private readonly List<MapFailure> failures = [];

    /// <summary>Of a map that stops: the first item that was cancelled, be it for another one that failed.</summary>
    private MapFailure? cancelled;

    private readonly BitArray? present = stops ? new(count ?? 0) : null;
    private TResult[] results = keeps && count is { } known ? stops ? new TResult[known] : GC.AllocateUninitializedArray<TResult>(known) : [];
    private long seen;

    public bool MustStop => stops && failures.Count > 0;

    /// <summary>The map is to stop for what came in of one of those.</summary>
    public bool MustStopFor<T>(List<MapFrame<T, TResult>> frames) => stops && (failures.Count > 0 || frames.Exists(static f => f.AnyFailed));

    public ArraySegment<TResult> Room(long index, int items) => keeps && count is not null
        ? new ArraySegment<TResult>(results, (int)index, Math.Min(items, results.Length - (int)index))
        : new TResult[items];

    /// <summary>One item of any.</summary>
    public void Add(long index, TResult value)
    {
        if (keeps)
        {
            Reach(index + 1);
            results[index] = value;
        }
        Note(index, 1);
        meter?.Count(1, 0);
    }

    public void Add(long index, Exception failure)
    {
        Miss(index, failure);
        failures.Add(new(index, failure));
        meter?.Count(1, 1);
    }

    /// <summary>A frame, of which nothing more comes in.</summary>
    public void Add<T>(MapFrame<T, TResult> frame)
    {
        int failed = 0;
        if (!frame.IsReady || stops)
        {
            for (int i = 0; i < frame.Count; i++)
            {
                if (frame.TakeAt(i) is not { } failure)
                    continue;
                failed++;
                if (!stops || failure is not OperationCanceledException)   // the others end for the first that failed
                    failures.Add(new(frame.Index + i, failure));
                else
                    Miss(frame.Index + i, failure);
            }
        }
        if (keeps && count is null)
        {
            Reach(frame.Index + frame.Count);
            frame.Results.CopyTo(results.AsSpan((int)frame.Index));
        }
        NoteAll(frame, failed);
        meter?.Count(frame.Count, failed);
    }

    /// <summary>The results.</summary>
    /// <param name="token">The map's.</param>
    /// <exception cref="MapFailedException">Items failed.</exception>
    /// <exception cref="OperationCanceledException">The map was cancelled, and lacks items for it.</exception>
    public TResult[] Finish(CancellationToken token)
    {
        meter?.End();
        if (failures.Count == 0 && cancelled is { } alone)
        {
            token.ThrowIfCancellationRequested();
            failures.Add(alone);   // its own code said so
        }
        if (keeps && (count is null || MustStop) && results.Length != Math.Max(seen, count ?? 0))
            Array.Resize(ref results, (int)Math.Max(seen, count ?? 0));
        if (failures.Count == 0)
            return results;
        if (keeps && count is not null && seen < count)
            results.AsSpan((int)seen).Clear();
        failures.Sort(static (a, b) => a.Index.CompareTo(b.Index));
        throw new MapFailedException(failures, results, present, Math.Max(seen, count ?? 0)) { CallName = name() };
    }

    private void NoteAll<T>(MapFrame<T, TResult> frame, int failed)
    {
        if (failed == 0 || !stops)
        {
            Note(frame.Index, frame.Count);
            return;
        }
        for (int i = 0; i < frame.Count; i++)
        {
            if (frame.TakeAt(i) is null)
                Note(frame.Index + i, 1);
        }
    }

    /// <summary>They are there.</summary>
    private void Note(long index, int items)
    {
        seen = Math.Max(seen, index + items);
        if (present is null)
            return;
        if (present.Length < seen)
            present.Length = (int)Math.Max(seen, present.Length * 2L);
        for (long i = index; i < index + items; i++)
            present[(int)i] = true;
    }

    /// <summary>That one has none.</summary>
    private void Miss(long index, Exception failure)
    {
        if (failure is OperationCanceledException && !(cancelled?.Index < index))
            cancelled = new(index, failure);
        seen = Math.Max(seen, index + 1);
        if (!keeps)
            return;
        Reach(index + 1);
        results[index] = default!;
    }

    private void Reach(long length)
    {
        if (length > Array.MaxLength)
            throw new InvalidOperationException($"More results than an array may have: {length}. Use MapAsync, which needs none.");
        if (results.Length < length)
            Array.Resize(ref results, (int)Math.Min(Array.MaxLength, Math.Max(length, results.Length * 2L)));
    }
}
