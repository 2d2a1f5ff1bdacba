namespace Kernmantle.Scheduling.Maps;

/// <summary>The inputs of a map, pulled one at a time, without letting a slow source hold up finished results.</summary>
internal sealed class MapInputs<T>(IAsyncEnumerable<T> source, CancellationToken cancellationToken) : IAsyncDisposable
{
    private readonly IAsyncEnumerator<T> inputs = source.GetAsyncEnumerator(cancellationToken);
    private Task<bool>? pending;

    /// <summary>There are no more inputs.</summary>
    public bool Ended { get; private set; }

    /// <summary>The input, after <see cref="NextAsync"/> returned true.</summary>
    public T Current => inputs.Current;

    /// <summary>Waits for an input, or until <paramref name="other"/> is completed. True: there is an input.</summary>
    public async ValueTask<bool> NextAsync(Task other)
    {
        pending ??= inputs.MoveNextAsync().AsTask();
        if (await Task.WhenAny(pending, other).ConfigureAwait(false) != pending)
            return false;
        bool any = await pending.ConfigureAwait(false);
        pending = null;
        Ended = !any;
        return any;
    }

    public async ValueTask DisposeAsync()
    {
        if (pending is not null)
            await ((Task)pending).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);   // the map has ended: its own failure counts
        await inputs.DisposeAsync().ConfigureAwait(false);
    }
}
