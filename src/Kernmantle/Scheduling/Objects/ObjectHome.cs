using Kernmantle.Failures;
using Kernmantle.Scheduling.Calls;

namespace Kernmantle.Scheduling.Objects;

/// <summary>Where an object in a worker is: makes it, finds it, makes it again if that is wanted, and lets go of it. Thread-safe.</summary>
/// <param name="calls">Of the pool.</param>
/// <param name="recreate">It is made again when it was lost.</param>
/// <param name="create">The call that makes it.</param>
internal sealed class ObjectHome(Submission calls, bool recreate, Func<CancellationToken, Call> create)
{
    private readonly SemaphoreSlim creating = new(1);
    private Home? home;
    private bool hasEnded;

    public bool IsAlive => !hasEnded && home is { } h && h.Slot.Generation == h.Generation;

    /// <summary>Where the object is, if there is nothing to be done for that.</summary>
    public Home? Present => !hasEnded && home is { } at && (!recreate || IsAlive) ? at : null;

    public async Task CreateAsync(CancellationToken cancellationToken)
    {
        Call call = create(cancellationToken);
        if (calls.Send(call) is { } failure)
            throw failure;
        await call.Ended.ConfigureAwait(false);
        home = new(call.PinnedTo!, call.Generation, call.Id);
    }

    /// <summary>Where it is, or was.</summary>
    /// <param name="name">What it is called in messages.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="ObjectDisposedException">It is not used any more.</exception>
    public async ValueTask<Home> GetAsync(string name, CancellationToken cancellationToken)
    {
        if (hasEnded)
            throw Ended(name);
        if (!recreate || IsAlive)
            return home!;
        await creating.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (!hasEnded && !IsAlive)
                await CreateAsync(cancellationToken).ConfigureAwait(false);
            return hasEnded ? throw Ended(name) : home!;
        }
        finally
        {
            creating.Release();
        }
    }

    private static ObjectDisposedException Ended(string name) => new(name);

    /// <summary>The object is not to be called any more: its worker lets go of it, by that call.</summary>
    public async ValueTask ReleaseAsync(Func<Call> release)
    {
        if (Interlocked.Exchange(ref hasEnded, true))
            return;
        await creating.WaitAsync(CancellationToken.None).ConfigureAwait(false);   // what is being made again is let go of too
        try
        {
            if (home is not { } last)
                return;
            Call call = release();
            last.Pin(call);
            if (calls.Send(call) is { } failure)
                throw failure;
            await call.Ended.ConfigureAwait(false);
        }
        catch (WorkerException e) when (e is StateLostException or PoolBrokenException or WorkerCrashedException)
        {
            // It is gone with its worker, which was reported to the calls it served.
        }
        catch (ObjectDisposedException)
        {
            // The pool went first, and disposed of it.
        }
        finally
        {
            creating.Release();
        }
    }
}
