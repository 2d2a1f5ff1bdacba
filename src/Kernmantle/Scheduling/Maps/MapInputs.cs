using System.Runtime.ExceptionServices;

namespace Kernmantle.Scheduling.Maps;

/// <summary>The inputs of a map, pulled one at a time, without letting a slow source hold up finished results.</summary>
internal sealed class MapInputs<T>(IAsyncEnumerable<T> source, CancellationToken cancellationToken) : IAsyncDisposable
{
    private readonly IAsyncEnumerator<T> inputs = source.GetAsyncEnumerator(cancellationToken);
    private Task<bool>? pending;
    private ExceptionDispatchInfo? failure;

    /// <summary>There are no more inputs.</summary>
    public bool Ended { get; private set; }

    /// <summary>There shall be no more, for that reason.</summary>
    public void End(Exception why)
    {
        failure ??= ExceptionDispatchInfo.Capture(why);
        Ended = true;
    }

    /// <summary>To be called when the results of all that came before are handed out: says why there were no more, if there was a reason.</summary>
    public void ThrowIfFailed() => failure?.Throw();

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
