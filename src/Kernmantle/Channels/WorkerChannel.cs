using System.Threading.Channels;
using Kernmantle.Channels;
using Kernmantle.SharedState;

namespace Kernmantle;

/// <summary>Makes channels between workers.</summary>
public static class WorkerChannel
{
    /// <summary>Makes a channel.</summary>
    /// <typeparam name="T">
    /// The type of the items: what may be an argument of a call. Numbers, enums and structs of them cross by a copy of their bits. Sides of channels, a <see cref="SharedBuffer{T}"/> and shared objects may be items, and
    /// stand in records, tuples, arrays, lists and dictionaries, over <see cref="ChannelTransport.SharedMemory"/>.
    /// </typeparam>
    /// <param name="options">How; null for the defaults.</param>
    /// <exception cref="NotPortableException">Items of that type cannot cross, or not by that transport.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A capacity below one, or more than there can be; no such mode.</exception>
    /// <exception cref="ArgumentException">Options that do not go together.</exception>
    /// <exception cref="InsufficientMemoryException">The system has no memory, or no descriptors left, for it.</exception>
    /// <exception cref="ChannelFileException">The file is in use, or another kind of file, or holds other items, or is damaged.</exception>
    /// <exception cref="IOException">The system refuses what the transport needs.</exception>
    public static WorkerChannel<T> Create<T>(WorkerChannelOptions? options = null) => new(options ?? new());
}

/// <summary>
/// A channel of System.Threading.Channels between workers in any place: this process, its threads, its worker processes. Made here, and handed over as a whole, or its <see cref="Reader"/> or <see cref="Writer"/> alone, as an
/// argument of a call, or captured, or as a result, or as an item of another channel; a worker keeps it for as long as it likes. Many may write, and many may read; each item is read once. Members are thread-safe.
/// </summary>
/// <remarks>
/// <para>
/// The items of one process are read in the order in which they were written; between those of several processes there is none. When a worker dies, at most the item is lost that it was writing, or that it was just
/// reading (<see cref="WorkerChannelOptions.Redeliver"/>), and nobody waits for it. A worker that is stopped is not dead: it goes on where it was.
/// </para>
/// <para>
/// <see cref="SharedObject.Dispose()"/> in the process that made it ends the channel for all: whoever uses it then, or waits, gets an <see cref="ObjectDisposedException"/>. In a worker it does nothing.
/// </para>
/// <para>Source of the protocol: a ring with one producer for each writing process, whose slots are claimed by compare-and-swap, and an eventcount for each process to sleep on.</para>
/// </remarks>
/// <typeparam name="T">The type of the items.</typeparam>
public sealed class WorkerChannel<T> : SharedObject, ISharedObject<WorkerChannel<T>>
{
    private readonly ChannelEnd end;

    internal WorkerChannel(WorkerChannelOptions options)
        : this(Make(options))
    {
    }

    private WorkerChannel(StateMemory memory)
        : base(memory)
    {
        end = ChannelEnd.Of(memory);
        Reader = new(this, end);
        Writer = new(this, end);
    }

    static StateKind ISharedObject<WorkerChannel<T>>.Kind => StateKind.Channel;

    /// <summary>To read from.</summary>
    public WorkerChannelReader<T> Reader { get; }

    /// <summary>To write to.</summary>
    public WorkerChannelWriter<T> Writer { get; }

    /// <summary>How many items were lost with readers that died.</summary>
    public int Lost => Volatile.Read(ref end.Words.Lost);

    /// <summary>How many items were dropped since there was no room for them, or in favour of newer ones.</summary>
    public long Dropped => end.Dropped;

    private protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (Memory.IsMaker)
            end.Leave();
    }

    static WorkerChannel<T> ISharedObject<WorkerChannel<T>>.Open(StateMemory memory) => new(memory);

    static bool ISharedObject<WorkerChannel<T>>.Allows(long parameter, long bytes)
    {
        var layout = new ChannelLayout(parameter);
        return layout.IsSound && layout.ItemBytes == ItemFormat<T>.Size && layout.Carries == ItemFormat<T>.Carries && StateWords.Size + layout.TotalBytes <= bytes;
    }

    private static StateMemory Make(WorkerChannelOptions options)
    {
        ChannelOptionsCheck.Check(options);
        ItemFormat<T>.Check(options.Transport);
        int size = ItemFormat<T>.Size;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, ChannelLayout.MostItemBytes, nameof(T));
        var layout = ChannelLayout.Of(options, size, ItemFormat<T>.Carries);
        if (size >= layout.LargestPacket)
            throw new ArgumentException($"An item of {size} bytes is more than a packet of {options.Transport} holds. Use ChannelTransport.SharedMemory.", nameof(options));
        return ItemStores.Create(layout, options, Payloads.Preflight.PortableTypes.Name(typeof(T)));
    }
}
