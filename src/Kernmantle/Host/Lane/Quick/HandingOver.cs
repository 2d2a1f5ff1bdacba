using Kernmantle.Scheduling.Calls;

namespace Kernmantle.Host.Lane.Quick;

/// <summary>
/// Hands quick calls over to a worker in the order of their places, whichever threads bring them: the pool places a call under its lock, and the
/// thread that placed it brings it here afterwards, which others may do sooner. Thread-safe; <paramref name="handOver"/> runs under the lock, and
/// returns what is to be done outside of it.
/// </summary>
internal sealed class HandingOver(Func<QuickCall, Action?> handOver)
{
    private readonly Lock gate = new();

    /// <summary>The last place whose call was handed over, or taken back before.</summary>
    private long last;

    /// <summary>Calls of later places, whose threads came first.</summary>
    private Dictionary<long, QuickCall>? early;

    /// <summary>The call of that place is handed over now, or by whoever brings those before it; or never, if its place was taken back.</summary>
    public void Bring(QuickCall call, long place)
    {
        Action? after = null;
        lock (gate)
        {
            if (place <= last)
                return;
            if (place > last + 1)
            {
                (early ??= []).Add(place, call);
                return;
            }
            QuickCall? next = call;
            do
            {
                last++;
                after += handOver(next);
            }
            while (early?.Remove(last + 1, out next) == true);
        }
        after?.Invoke();
    }

    /// <summary>Nothing is handed over meanwhile.</summary>
    public Lock.Scope Hold() => gate.EnterScope();

    /// <summary>Up to that place nothing is handed over any more.</summary>
    public void TakeBack(long place)
    {
        lock (gate)
        {
            last = place;
            early?.Clear();
        }
    }
}
