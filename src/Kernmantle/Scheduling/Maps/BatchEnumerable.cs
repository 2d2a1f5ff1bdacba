namespace Kernmantle.Scheduling.Maps;

/// <summary>A <see cref="BatchMap{T, TResult}"/> item by item. What is there of a frame is handed out without waiting.</summary>
internal sealed class BatchEnumerable<T, TResult>(Submission calls, IAsyncEnumerable<T> source, MapCall call, bool ordered, CancellationToken outer) : IAsyncEnumerable<MapResult<T, TResult>>
{
    public IAsyncEnumerator<MapResult<T, TResult>> GetAsyncEnumerator(CancellationToken cancellationToken = default) =>
        new Enumerator(() => new(calls, source, call, target: null, outer, cancellationToken), ordered);

    private sealed class Enumerator(Func<BatchMap<T, TResult>> create, bool ordered) : IAsyncEnumerator<MapResult<T, TResult>>
    {
        private BatchMap<T, TResult>? map;
        private MapFrame<T, TResult>? frame;
        private MapResult<T, TResult> current;
        private bool ended;

        public MapResult<T, TResult> Current => current;

        public ValueTask<bool> MoveNextAsync() => frame is not null && frame.TryTake(ordered, out current) ? new(true) : NextFrameAsync();

        public async ValueTask DisposeAsync()
        {
            if (ended)
                return;
            ended = true;
            frame = null;
            if (map is not null)
                await map.EndAsync().ConfigureAwait(false);
        }

        private async ValueTask<bool> NextFrameAsync()
        {
            if (ended)
                return false;
            try
            {
                map ??= create();
                while (true)
                {
                    if (frame?.IsDrained == true)
                        map.Frames.Remove(frame);
                    frame = null;
                    if (!await map.FillAsync().ConfigureAwait(false))
                        break;
                    if (TryTake(map.Frames))
                        return true;
                    await map.WaitAsync().ConfigureAwait(false);
                }
            }
            catch
            {
                await DisposeAsync().ConfigureAwait(false);
                throw;
            }
            await DisposeAsync().ConfigureAwait(false);
            return false;
        }

        private bool TryTake(List<MapFrame<T, TResult>> frames)
        {
            foreach (MapFrame<T, TResult> each in frames)
            {
                if (each.TryTake(ordered, out current))
                {
                    frame = each;
                    return true;
                }
                if (ordered)
                    return false;
            }
            return false;
        }
    }
}
