using System.Runtime.CompilerServices;
using Kernmantle.Platform.Linux;
using Kernmantle.SharedBuffers;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;

namespace Kernmantle.SharedState;

/// <summary>The page of one object where it was made: clears up after workers that end. Thread-safe.</summary>
/// <param name="kind">What it is.</param>
/// <param name="parameter">What the kind means by it.</param>
/// <param name="name">For messages; null for one of its kind.</param>
internal unsafe class StatePage(StateKind kind, long parameter, string? name = null) : IBlockContent
{
    public BlockUse Use { get; } = new((byte)kind, parameter);

    public long Parameter => parameter;

    /// <summary>As it was given; null for none.</summary>
    public string? OwnName => name;

    /// <summary>For messages.</summary>
    public string Name => name is null ? $"a {kind}" : $"\"{name}\"";

    /// <summary>Of the pool whose worker got it last; null before.</summary>
    public ILogger? Log { get; private set; }

    /// <summary>One of those that wait for each other gives up.</summary>
    public bool BreaksDeadlocks { get; init; }

    public virtual IReadOnlyList<SafeFileHandle> Attachments => [];

    private bool IsLock => kind is StateKind.Lock or StateKind.ReaderWriterLock;

    /// <summary>It has its memory now.</summary>
    public void OnMade(SharedBlock block)
    {
        if (IsLock)
            DeadlockWatch.Add(block, this);
    }

    public void OnLent(int worker, string name, ILogger log)
    {
        Party.Name(worker, name);
        Log = log;
    }

    public virtual void OnFree(SharedBlock block)
    {
        if (IsLock)
            DeadlockWatch.Remove(block);
    }

    /// <summary>Who waits, and for whom.</summary>
    public IEnumerable<Wait> Waits(SharedBlock block)
    {
        ref StateWords words = ref Unsafe.AsRef<StateWords>(block.Start);
        byte* start = (byte*)block.Start;
        List<long> sleepers = new SeatTable(start, ref words.Sleepers, StateWords.SleeperSeats).Names();
        if (sleepers.Count == 0)
            return [];
        List<long> owners = kind == StateKind.ReaderWriterLock ? new SeatTable(start, ref words.Readers, StateWords.ReaderSeats).Names() : [];
        if (Volatile.Read(ref words.Owner) is not 0 and long owner)
            owners.Add(owner);
        return [.. from sleeper in sleepers from held in owners where held != sleeper select new LockWait(sleeper, held, block, this)];
    }

    /// <summary>A worker that had the object has ended, and nothing of it runs any more.</summary>
    public virtual void OnWorkerEnded(SharedBlock block, int worker, ProcessEnd end)
    {
        ref StateWords words = ref Unsafe.AsRef<StateWords>(block.Start);
        byte* start = (byte*)block.Start;
        new SeatTable(start, ref words.Sleepers, StateWords.SleeperSeats).Clear(worker);
        if (kind == StateKind.ReaderWriterLock)
            new SeatTable(start, ref words.Readers, StateWords.ReaderSeats).Clear(worker);
        if (kind == StateKind.Semaphore)
            new Permits(start, (int)parameter).GiveBackThoseOf(worker);
        if (kind is StateKind.Barrier or StateKind.Countdown && !end.IsInOrder && !new Leavers(start).Contains(worker))
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
    public static void Wake(ref StateWords words)
    {
        SharedStores.Increment(ref words.Bell);
        Futex.Wake(ref words.Bell, int.MaxValue);
    }
}
