using Kernmantle.Functions;
using Kernmantle.Scheduling.Calls;

namespace Kernmantle.Host.Lane.Quick;

/// <summary>
/// The quick calls that a worker has, in the order of their numbers: a ring without a lock. One at a time hands over, or takes back, at its new end; one at a time takes what is
/// answered from its old one, meanwhile.
/// </summary>
internal sealed class CallsUnderWay
{
    /// <summary>More than a worker is ever given in advance: <see cref="CallDuration.MaxDepth"/>, and as much again that was recalled.</summary>
    private const int Capacity = CallDuration.MaxDepth * 4;

    private readonly QuickCall?[] calls = new QuickCall?[Capacity];
    private long oldest;
    private long newest;

    /// <summary>Before the worker can answer it.</summary>
    public void Add(QuickCall call)
    {
        Volatile.Write(ref calls[newest % Capacity], call);
        Volatile.Write(ref newest, newest + 1);
    }

    /// <summary>The last one was not handed over after all.</summary>
    public void RemoveLast()
    {
        newest--;
        calls[newest % Capacity] = null;
    }

    /// <summary>Those with numbers from there on were taken back.</summary>
    public void RemoveFrom(long number)
    {
        for (long place = newest - 1; place >= 0 && place > newest - Capacity; place--)
        {
            if (calls[place % Capacity] is not { } call)
                continue;
            if (call.First < number)
                break;
            Volatile.Write(ref calls[place % Capacity], null);
        }
    }

    /// <summary>The call that has that number, which was answered: those before it were recalled, and are passed over. Null if there is none.</summary>
    public QuickCall? TakeAnswered(long number)
    {
        oldest = Math.Max(oldest, Volatile.Read(ref newest) - (Capacity / 2));   // so many were taken back before one was answered; those that were not are fewer
        while (oldest < Volatile.Read(ref newest))
        {
            if (Volatile.Read(ref calls[oldest % Capacity]) is not { } call || call.Sequence < number)
            {
                Volatile.Write(ref calls[oldest++ % Capacity], null);
                continue;
            }
            if (call.First > number)
                return null;
            if (call.Sequence == number)
                Volatile.Write(ref calls[oldest++ % Capacity], null);
            return call;
        }
        return null;
    }
}
