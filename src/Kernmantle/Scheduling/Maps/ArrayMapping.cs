namespace Kernmantle.Scheduling.Maps;

/// <summary>Maps whose results are wanted as a whole.</summary>
internal static class ArrayMapping
{
    /// <summary>Of items that travel many at a time.</summary>
    public static async Task<TResult[]> RunAsync<T, TResult>(Submission calls, IAsyncEnumerable<T> source, MapCall call, MapResults<TResult> results, CancellationToken token)
    {
        var map = new BatchMap<T, TResult>(calls, source, call, results, token, default);
        try
        {
            while (!results.MustStopFor(map.Frames) && await map.FillAsync().ConfigureAwait(false))
            {
                if (!Collect(map, results))
                    await map.WaitAsync().ConfigureAwait(false);
            }
        }
        finally
        {
            await map.EndAsync().ConfigureAwait(false);
        }
        Collect(map, results);
        return results.Finish(token);
    }

    /// <summary>Of items that are calls of their own.</summary>
    public static async Task<TResult[]> RunAsync<T, TResult>(IAsyncEnumerable<MapResult<T, TResult>> items, MapResults<TResult> results, CancellationToken token)
    {
        await foreach (MapResult<T, TResult> item in items.ConfigureAwait(false))
        {
            if (item.Failure is { } failure)
                results.Add(item.Index, failure);
            else
                results.Add(item.Index, item.Value);
            if (results.MustStop)
                break;   // which cancels the others
        }
        return results.Finish(token);
    }

    private static bool Collect<T, TResult>(BatchMap<T, TResult> map, MapResults<TResult> results)
    {
        bool any = false;
        for (int i = 0; i < map.Frames.Count; i++)
        {
            if (!map.Frames[i].IsComplete)
                continue;
            results.Add(map.Frames[i]);
            map.Frames.RemoveAt(i--);
            any = true;
        }
        return any;
    }
}
