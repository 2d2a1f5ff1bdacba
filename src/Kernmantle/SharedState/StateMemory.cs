using System.Runtime.CompilerServices;
using Kernmantle.Platform.Linux;
using Kernmantle.SharedBuffers;

namespace Kernmantle.SharedState;

/// <summary>
/// The memory of one object as one process has it. It stays mapped for as long as somebody can reach it: whoever looks at it could not afford to count himself each time,
/// and a look at what is no longer mapped ends the process. So its own finalizer gives it back. Thread-safe.
/// </summary>
internal sealed unsafe class StateMemory
{
    private readonly SharedBlock block;

    /// <summary>0: the calling thread acts.</summary>
    private readonly int actor;

    private StateMemory(SharedBlock block, int party, long parameter, int actor = 0)
    {
        this.block = block;
        this.actor = actor;
        Start = (byte*)block.Start;
        Party = party;
        Parameter = parameter;
    }

    ~StateMemory() => block.Release();

    /// <summary>In a worker: its number, which its host has given it.</summary>
    public static int OwnParty { get; set; }

    public SharedBlock Block => block;

    /// <summary>What this process is called in the page.</summary>
    public int Party { get; }

    /// <summary>What the kind means by it; not from the page, where others write.</summary>
    public long Parameter { get; }

    public bool IsMaker => Party == SharedState.Party.Maker;

    public ref StateWords Words => ref Unsafe.AsRef<StateWords>(Start);

    /// <summary>What the kind keeps in the page.</summary>
    public byte* Content => Start + StateWords.Content;

    /// <summary>What lies behind the page.</summary>
    public byte* Items => Start + StateWords.Size;

    public byte* Start { get; }

    /// <summary>The calling thread's name, or that of who it acts for.</summary>
    public long Me => actor == 0 ? SharedState.Party.Me(Party) : SharedState.Party.NameOf(Party, actor);

    public SeatTable Sleepers => new(Start, ref Words.Sleepers, StateWords.SleeperSeats);

    public SeatTable Readers => new(Start, ref Words.Readers, StateWords.ReaderSeats);

    /// <summary>For messages: its type, and its name where it has one here.</summary>
    private string Described => (StateKind)(block.Use?.Kind ?? 0) switch
    {
        StateKind.None => nameof(SharedObject),
        StateKind.Channel => nameof(WorkerChannel),
        var kind => block.Content is StatePage { OwnName: { } name } ? $"Shared{kind} \"{name}\"" : $"Shared{kind}",
    };

    public ObjectDisposedException EndedFailure() => new(Described);

    public bool HasEnded => Volatile.Read(ref Words.Ended) != 0;

    /// <summary>A new object's: all zero.</summary>
    /// <exception cref="InsufficientMemoryException">The system has no more memory, or no more descriptors, for this process.</exception>
    public static StateMemory Create(StateKind kind, long parameter, long items = 0) => Create(new StatePage(kind, parameter), items);

    /// <summary>The same, of what more is known.</summary>
    /// <param name="page">The page.</param>
    /// <param name="items">Behind the page, in bytes.</param>
    /// <param name="isReserved">The system is asked for all of it at once. Otherwise memory is taken as it is written, and most of it may never be.</param>
    /// <exception cref="InsufficientMemoryException">The system has no more memory, or no more descriptors, for this process.</exception>
    public static StateMemory Create(StatePage page, long items = 0, bool isReserved = true)
    {
        SharedBlock block;
        try
        {
            block = SharedBlocks.CreateLasting(StateWords.Size + items, page, isReserved);
        }
        catch (InsufficientMemoryException)
        {
            // Those of objects that nobody can reach any more go back when the collector has seen it.
            GC.Collect();
            GC.WaitForPendingFinalizers();
            block = SharedBlocks.CreateLasting(StateWords.Size + items, page, isReserved);
        }
        page.OnMade(block);
        return new(block, SharedState.Party.Maker, page.Parameter);
    }

    /// <summary>Of what came from another process; takes the reference over.</summary>
    public static StateMemory Open(SharedBlock block, long parameter) => new(block, block.IsHosts ? OwnParty : SharedState.Party.Maker, parameter);

    /// <summary>The same memory for who acts for a thread of a worker that cannot itself: whatever is done by it is done in that worker's name.</summary>
    /// <param name="worker">The worker's number.</param>
    /// <param name="thread">The thread's in it; not 0.</param>
    public StateMemory ActFor(int worker, int thread)
    {
        block.AddReference();
        return new(block, worker, Parameter, thread);
    }

    /// <summary>Wakes as many of those that sleep. To be called after a store that is a fence.</summary>
    public void Ring(int count)
    {
        if (Volatile.Read(ref Words.Sleepers) == 0)
            return;
        SharedStores.Increment(ref Words.Bell);
        Futex.Wake(ref Words.Bell, count);
    }

    /// <summary>It is of no use any more, for anybody.</summary>
    public void End()
    {
        SharedStores.Exchange(ref Words.Ended, 1);
        Ring(int.MaxValue);
    }
}
