namespace Kernmantle.Scheduling.Maps;

/// <summary>The inputs of a map, pulled one at a time, without letting a slow source hold up finished results.</summary>
internal sealed class MapInputs<T>(IAsyncEnumerable<T> source, Shutdown? pool, CancellationToken cancellationToken) : EndingInputs(pool), IAsyncDisposable
{
    private readonly IAsyncEnumerator<T> inputs = source.GetAsyncEnumerator(cancellationToken);
    private Task<bool>? pending;

    /// <summary>The input, after <see cref="NextAsync"/> returned true.</summary>
    public T Current => inputs.Current;

    /// <summary>Waits for an input, or until <paramref name="other"/> is completed. True: there is an input.</summary>
    public async ValueTask<bool> NextAsync(Task other)
    {
        try
        {
            pending ??= inputs.MoveNextAsync().AsTask();
            if (await Task.WhenAny(pending, other).ConfigureAwait(false) != pending)
                return false;
            Ended = !await pending.ConfigureAwait(false);
        }
        catch (Exception e)   // the user's, for who takes the results
        {
            End(e);
        }
        pending = null;
        return !Ended;
    }

    public async ValueTask DisposeAsync()
    {
        if (pending is not null)
            await ((Task)pending).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);   // the map has ended: its own failure counts
        await inputs.DisposeAsync().ConfigureAwait(false);
    }
}
