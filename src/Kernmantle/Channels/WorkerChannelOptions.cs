using System.Threading.Channels;

namespace Kernmantle;

/// <summary>How a channel between workers is made.</summary>
public sealed class WorkerChannelOptions
{
    /// <summary>The most items of each writing process that no reader is done with: one that is taken keeps its place until it is completed, and so do those behind it. 1 024.</summary>
    public int Capacity { get; init; } = 1024;

    /// <summary>
    /// The bytes that each writing process has for its items, where these have lengths of their own: texts, records and the like. The largest item has as many. Rounded up to a power of two. 1 MiB.
    /// </summary>
    public int BufferBytes { get; init; } = 1 << 20;

    /// <summary>
    /// What becomes of an item for which its writer has no room: it waits (the default), or one of the same writer's items is dropped, or this one.
    /// </summary>
    public BoundedChannelFullMode FullMode { get; init; } = BoundedChannelFullMode.Wait;

    /// <summary>
    /// What a reader had taken when its worker died, and had not said to be done, is given to another one (at least once; <see cref="ChannelDelivery{T}.Attempt"/> counts). Otherwise, which is the default, it is lost (at most once).
    /// </summary>
    public bool Redeliver { get; init; }

    /// <summary>
    /// When workers that could write have died, and nobody is left who could, readers get a <see cref="ChannelWritersLostException"/> after the last item. Otherwise they wait: somebody may be handed the channel again,
    /// such as a call that is retried. True.
    /// </summary>
    public bool EndWithWriters { get; init; } = true;

    /// <summary>By which means items cross. Shared memory.</summary>
    public ChannelTransport Transport { get; init; }

    /// <summary>The file of a channel of <see cref="ChannelTransport.File"/>: made if it is not there, else read on where its reader stopped. Beside it lies another one, which says where that is.</summary>
    public string? Path { get; init; }

    /// <summary>Of a file: an item is written when the disk has it. Otherwise a loss of power may cost the last ones; a process that dies never does.</summary>
    public bool FlushToDisk { get; init; }
}

/// <summary>By which means the items of a channel cross.</summary>
public enum ChannelTransport
{
    /// <summary>A ring in memory that those who have the channel map, for each of those that write.</summary>
    SharedMemory,

    /// <summary>A pipe of the kernel, in packet mode: items of up to 4 095 bytes.</summary>
    Pipe,

    /// <summary>A pair of Unix sockets that keep packets whole: items of up to 128 KiB.</summary>
    UnixSocket,

    /// <summary>An append-only file, which outlasts the program: what has not been read is read by the next one that opens it.</summary>
    File,
}
