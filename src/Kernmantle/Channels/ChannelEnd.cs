using System.Numerics;
using System.Runtime.CompilerServices;
using Kernmantle.SharedState;

namespace Kernmantle.Channels;

/// <summary>One process's end of a channel: there is one for each channel that it has, however many objects are over it. Thread-safe.</summary>
internal sealed unsafe class ChannelEnd
{
    private static readonly PerBlock<ChannelEnd> Ends = new(memory => new(memory));

    private readonly byte* words;
    private readonly long bit;
    private readonly ItemStore store;
    private readonly Lock writing = new();
    private readonly Lock reading = new();
    private int lastRung;
    private bool hasLeft;

    private ChannelEnd(StateMemory memory)
    {
        Memory = memory;
        Layout = new(memory.Parameter);
        words = memory.Items;
        Seat = TakeSeat();
        bit = 1L << Seat;
        SharedStores.Or(ref Words.Used, bit);   // a fence: who closes sees this, or the first write here sees that the channel is closed
        store = ItemStores.Of(memory.Block, Seat, Layout);
        Waits = new(this);
        Carried = new(memory, Seat);
    }

    public StateMemory Memory { get; }

    public ChannelLayout Layout { get; }

    public ChannelWaits Waits { get; }

    /// <summary>The memory that items carry.</summary>
    public CarriedMemory Carried { get; }

    /// <summary>This process's.</summary>
    public int Seat { get; }

    public ref ChannelWords Words => ref Unsafe.AsRef<ChannelWords>(words);

    public ChannelState State => ChannelWords.StateOf(ref Words);

    /// <summary>With what it was closed here, if it was; from elsewhere only the text comes.</summary>
    public Exception? OwnError { get; private set; }

    public bool CanCount => store.CanCount;

    public int Count => store.Count;

    /// <summary>How many items their writers have dropped.</summary>
    public long Dropped => store.Dropped;

    /// <summary>The end over that memory: the one that there is, or else a new one.</summary>
    /// <exception cref="InvalidOperationException">As many processes as can share a channel have it.</exception>
    public static ChannelEnd Of(StateMemory memory) => Ends.Of(memory);

    /// <exception cref="ObjectDisposedException">It was disposed of.</exception>
    public void ThrowIfEnded() => StateWait.ThrowIfEnded(Memory);

    /// <summary>From now on this process counts as one that may write.</summary>
    public void WillWrite()
    {
        if ((Volatile.Read(ref Words.Writers) & bit) == 0)
            SharedStores.Or(ref Words.Writers, bit);
    }

    // --- Writing ---

    public Put TryWrite(ReadOnlySpan<byte> item, IItemLoad? load)
    {
        ThrowIfEnded();
        Put put;
        lock (writing)
            put = store.TryWrite(item, load);
        if (put == Put.Done)
            Tell(1);
        GC.KeepAlive(Memory);
        return put;
    }

    /// <summary>Items that all have the one length; returns how many were written.</summary>
    public int WriteMany(ReadOnlySpan<byte> items, int size, out Put last)
    {
        ThrowIfEnded();
        int count;
        lock (writing)
            count = store.WriteMany(items, size, out last);
        if (count > 0)
            Tell(count);
        GC.KeepAlive(Memory);
        return count;
    }

    public bool MayWrite(int bytes)
    {
        bool may;
        lock (writing)
            may = store.MayWrite(bytes);
        GC.KeepAlive(Memory);
        return may;
    }

    // --- Reading ---

    /// <summary>Takes an item, which is given to nobody else until <see cref="Finish"/>, or until this process has died.</summary>
    public Took TryTake(Span<byte> room, out int length, out Claim claim)
    {
        ThrowIfEnded();
        Took took;
        lock (reading)
        {
            ThrowUntold();
            took = store.TryTake(room, out length, out claim);
        }
        GC.KeepAlive(Memory);
        return took;
    }

    public void Finish(in Claim claim)
    {
        store.Finish(claim);
        if (Layout.Carries)
            Carried.Unload(claim.Place, claim.Position);
        TellOfRoom(1UL << store.WriterOf(claim));
    }

    /// <summary>What was taken is there again, for whoever reads.</summary>
    public void PutBack(in Claim claim)
    {
        store.PutBack(claim);
        Tell(1);
        GC.KeepAlive(Memory);
    }

    /// <summary>Items of one length, as many as there are and fit; returns how many.</summary>
    public int ReadMany(Span<byte> room, int size)
    {
        ThrowIfEnded();
        int count;
        ulong writers;
        lock (reading)
        {
            ThrowUntold();
            count = store.ReadMany(room, size, out writers);
        }
        if (count > 0)
            TellOfRoom(writers);
        return count;
    }

    /// <summary>Who has read items, and then this, is told of it when it reads the next time.</summary>
    public void TellLater(InvalidDataException failure)
    {
        lock (reading)
            store.Untold = failure;
    }

    private void ThrowUntold()
    {
        if (store.Untold is not { } failure)
            return;
        store.Untold = null;
        throw failure;
    }

    /// <summary>Items of those writers are done.</summary>
    private void TellOfRoom(ulong writers)
    {
        SharedStores.Fence();   // either a writer sees the room, or it is seen here that it waits
        for (; writers != 0; writers &= writers - 1)
        {
            int writer = BitOperations.TrailingZeroCount(writers);
            if (Volatile.Read(ref SeatOf(words, writer).WantsRoom) != 0 && store.IsRoomy(writer))
                Ring(writer);
        }
        if (State == ChannelState.Closed)
            EndIfDrained();
        GC.KeepAlive(Memory);
    }

    public bool HasItem()
    {
        bool has;
        lock (reading)
            has = store.Untold is not null || store.HasItem();
        GC.KeepAlive(Memory);
        return has;
    }

    // --- Closing ---

    /// <summary>False: somebody else has closed it.</summary>
    public bool TryClose(Exception? error)
    {
        ThrowIfEnded();
        int closing = (int)ChannelState.Closing | (Seat << 8);
        if (SharedStores.CompareExchange(ref Words.State, closing, (int)ChannelState.Open) != (int)ChannelState.Open)
            return false;
        OwnError = error;
        if (error is not null)
            ChannelErrors.Write(words, error);
        CloseFor(words, store, closing);
        Waits.Sweep();
        GC.KeepAlive(Memory);
        return true;
    }

    /// <summary>What is left to be done once <see cref="ChannelWords.State"/> says that it is closing; the same by who does it for one that has died.</summary>
    public static void CloseFor(byte* words, ItemStore store, int closing)
    {
        store.Close();
        ref ChannelWords all = ref Unsafe.AsRef<ChannelWords>(words);
        SharedStores.CompareExchange(ref all.State, (closing & ~0xFF) | (int)ChannelState.Closed, closing);
        if (store.IsDrained())
            SharedStores.CompareExchange(ref all.State, (closing & ~0xFF) | (int)ChannelState.Drained, (closing & ~0xFF) | (int)ChannelState.Closed);
        RingAll(words);
    }

    /// <summary>Says so if the last item is done.</summary>
    public void EndIfDrained()
    {
        int state = Volatile.Read(ref Words.State);
        if ((ChannelState)(byte)state != ChannelState.Closed || !store.IsDrained())
            return;
        if (SharedStores.CompareExchange(ref Words.State, (state & ~0xFF) | (int)ChannelState.Drained, state) == state)
            RingAll(words);
    }

    /// <summary>With what it was closed; null for with nothing.</summary>
    public Exception? Error => OwnError ?? ChannelErrors.Read(words);

    /// <summary>It is that with which the channel was closed.</summary>
    public bool IsError(Exception exception) => State >= ChannelState.Closing && (exception == OwnError || exception is RemoteException or ChannelWritersLostException);

    /// <summary>By the maker, when the object has ended: what it has beside the memory is free, and all that wait, in any process, are woken.</summary>
    public void Leave()
    {
        lock (writing)
        {
            lock (reading)
            {
                if (!hasLeft)
                    store.Leave();
                hasLeft = true;
            }
        }
        (Memory.Block.Content as ChannelPage)?.UnloadAll();
        RingAll(words);
        Waits.Sweep();
        GC.KeepAlive(Memory);
    }

    // --- Who waits ---

    /// <summary>This process is to be told of items, or not any more. Setting is a fence.</summary>
    public void Wait(bool forItems)
    {
        if (forItems)
            SharedStores.Or(ref Words.Waiting, bit);
        else
            SharedStores.And(ref Words.Waiting, ~bit);
    }

    /// <summary>This process is to be told of room, or not any more. A fence.</summary>
    public void WaitForRoom(bool wants) => SharedStores.Exchange(ref SeatOf(words, Seat).WantsRoom, wants ? 1 : 0);

    public ref int Bell => ref SeatOf(words, Seat).Bell;

    /// <summary>After items were written (a fence): rings as many of those that wait for some.</summary>
    public void Tell(int items)
    {
        ulong waiting = (ulong)Volatile.Read(ref Words.Waiting);
        if (waiting != 0)
            RingSome(waiting, items);
    }

    /// <summary>What this process was rung for it does not take: another one might.</summary>
    public void PassOn()
    {
        ulong others = (ulong)(Volatile.Read(ref Words.Waiting) & ~bit);
        if (others != 0)
            RingSome(others, 1);
    }

    /// <summary>In turns, so that all who wait get something.</summary>
    private void RingSome(ulong waiting, int count)
    {
        for (; waiting != 0 && count > 0; count--)
        {
            int from = lastRung + 1;
            int seat = (BitOperations.TrailingZeroCount(BitOperations.RotateRight(waiting, from)) + from) & (ChannelWords.Parties - 1);
            waiting &= ~(1UL << seat);
            lastRung = seat;
            Ring(seat);
        }
    }

    private void Ring(int seat)
    {
        if (seat == Seat)
            Waits.Sweep();
        else
            Ring(words, seat);
    }

    private static void Ring(byte* words, int seat)
    {
        ref int bell = ref SeatOf(words, seat).Bell;
        SharedStores.Increment(ref bell);
        Platform.Linux.Futex.Wake(ref bell, int.MaxValue);
    }

    public static void RingAll(byte* words)
    {
        for (int i = 0; i < ChannelWords.Parties; i++)
        {
            if (Volatile.Read(ref SeatOf(words, i).Name) != 0)
                Ring(words, i);
        }
    }

    // --- Seats ---

    public static ref PartySeat SeatOf(byte* words, int seat) => ref Unsafe.AsRef<PartySeat>(words + ChannelWords.Seats + (seat * PartySeat.Size));

    /// <summary>What a process is called in its seat.</summary>
    public static long NameOf(int party) => party + 1L;

    private int TakeSeat()
    {
        long name = NameOf(Memory.Party);
        for (int i = 0; i < ChannelWords.Parties; i++)
        {
            if (Volatile.Read(ref SeatOf(words, i).Name) == name)
                return i;   // it had an end before, which nobody could reach any more
        }
        for (int i = 0; i < ChannelWords.Parties; i++)
        {
            if (SharedStores.CompareExchange(ref SeatOf(words, i).Name, name, 0) == 0)
                return i;
        }
        throw new InvalidOperationException($"A channel is shared by at most {ChannelWords.Parties} processes at a time: use several.");
    }
}
