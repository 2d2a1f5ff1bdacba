using System.Threading.Channels;

namespace Kernmantle.Scheduling.Maps;

/// <summary>The inputs of a map, as many as are there at once.</summary>
internal sealed class BatchInputs<T>(IAsyncEnumerable<T> source, Shutdown? pool, CancellationToken cancellationToken) : EndingInputs(pool), IAsyncDisposable
{
    /// <summary>Set where no input has to be waited for.</summary>
    private readonly IEnumerator<T>? listed = (source as ListedInputs<T>)?.Source.GetEnumerator();
    private readonly IAsyncEnumerator<T> inputs = source.GetAsyncEnumerator(cancellationToken);

    /// <summary>Set where they lie one after the other.</summary>
    private readonly ReadOnlyMemory<T>? memory = (source as MemoryInputs<T>)?.Memory;
    private int position;
    private Task<bool>? pending;
    private bool has;

    /// <summary>Whether there is one now; may wait for it.</summary>
    public async ValueTask<bool> HasMoreAsync(bool wait)
    {
        if (Ended)
            return false;
        if (has || (pending is null && TryMoveNext()))
            return true;
        if (pending is null || (!pending.IsCompleted && !wait))
            return false;
        try
        {
            return Settle(await pending.ConfigureAwait(false));
        }
        catch (Exception e)   // the user's, for who takes the results
        {
            pending = null;
            End(e);
            return false;
        }
    }

    /// <summary>Goes on to the next one if it, or the end, is there at once.</summary>
    public bool TryMoveNext()
    {
        if (Ended)
            return false;
        if (memory is { } all)
            return Settle(position < all.Length);
        try
        {
            if (listed is not null)
                return Settle(listed.MoveNext());
            ValueTask<bool> move = inputs.MoveNextAsync();
            if (move.IsCompletedSuccessfully)
                return Settle(move.Result);
            pending = move.AsTask();
        }
        catch (Exception e)   // the user's, for who takes the results
        {
            End(e);
        }
        return false;
    }

    /// <summary>After one was found: the next so many at most, where they lie one after the other and stay as they are; else none. They are still to be taken.</summary>
    public ReadOnlyMemory<T> Ahead(int most) => memory is { } all ? all.Slice(position, Math.Min(most, all.Length - position)) : default;

    /// <summary>So many of those are taken.</summary>
    public void TakeAhead(int count)
    {
        has = false;
        position += count;
    }

    /// <summary>The one that was found.</summary>
    public T Take()
    {
        has = false;
        if (memory is { } all)
            return all.Span[position++];
        return listed is null ? inputs.Current : listed.Current;
    }

    /// <summary>The input that was taken last is to be taken again.</summary>
    public void PutBack()
    {
        has = true;
        if (memory is not null)
            position--;
    }

    /// <summary>Waits for results, or, if there is <paramref name="room"/> for them, for inputs.</summary>
    public async ValueTask WaitAsync(ChannelReader<bool> progress, bool room)
    {
        Task<bool> any = progress.WaitToReadAsync(CancellationToken.None).AsTask();
        if (room && pending is not null)
            await Task.WhenAny(any, pending).ConfigureAwait(false);
        else
            await any.ConfigureAwait(false);
        progress.TryRead(out _);
    }

    public async ValueTask DisposeAsync()
    {
        if (pending is not null)
            await ((Task)pending).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);   // the map has ended: its own failure counts
        listed?.Dispose();
        await inputs.DisposeAsync().ConfigureAwait(false);
    }

    private bool Settle(bool any)
    {
        pending = null;
        has = any;
        Ended = !any;
        return any;
    }
}
