using System.Runtime.CompilerServices;
using Kernmantle.Platform.Linux;
using Kernmantle.SharedBuffers;

namespace Kernmantle.SharedState;

/// <summary>The page of one object where it was made: clears up after workers that end. Thread-safe.</summary>
/// <param name="kind">What it is.</param>
/// <param name="parameter">What the kind means by it.</param>
internal sealed unsafe class StatePage(StateKind kind, long parameter) : IBlockContent
{
    public StateKind Kind => kind;

    public long Parameter => parameter;

    /// <summary>A worker that had the object has ended, and nothing of it runs any more.</summary>
    public void OnWorkerEnded(SharedBlock block, int worker, bool inOrder)
    {
        ref StateWords words = ref Unsafe.AsRef<StateWords>(block.Start);
        byte* start = (byte*)block.Start;
        new SeatTable(start, ref words.Sleepers, StateWords.SleeperSeats).Clear(worker);
        if (kind == StateKind.ReaderWriterLock)
            new SeatTable(start, ref words.Readers, StateWords.ReaderSeats).Clear(worker);
        if (kind == StateKind.Semaphore)
            new Permits(start, (int)parameter).GiveBackThoseOf(worker);
        if (kind is StateKind.Barrier or StateKind.Countdown && !inOrder && !new Leavers(start).Contains(worker))
            SharedStores.Write(ref words.Lost, worker);
        Disown(ref words, worker);
        Wake(ref words);
    }

    private void Disown(ref StateWords words, int worker)
    {
        long owner = Volatile.Read(ref words.Owner);
        if (owner == 0 || Party.Of(owner) != worker)
            return;
        if (kind == StateKind.Lock || (kind == StateKind.ReaderWriterLock && Volatile.Read(ref words.Writing) != 0))
            SharedStores.Write(ref words.Inconsistent, 1);
        SharedStores.Write(ref words.Depth, 0);
        SharedStores.Write(ref words.Writing, 0);
        SharedStores.CompareExchange(ref words.Owner, 0, owner);
    }

    /// <summary>All, whatever they wait for: a wake-up that the dead one had for itself was another's.</summary>
    private static void Wake(ref StateWords words)
    {
        SharedStores.Increment(ref words.Bell);
        Futex.Wake(ref words.Bell, int.MaxValue);
    }
}
