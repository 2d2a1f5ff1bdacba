using System.Threading.Channels;

namespace Kernmantle.Channels;

/// <summary>What a channel can be.</summary>
internal static class ChannelOptionsCheck
{
    /// <exception cref="ArgumentOutOfRangeException">A value that cannot be.</exception>
    /// <exception cref="ArgumentException">Options that do not go together.</exception>
    public static void Check(WorkerChannelOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Capacity, 1, nameof(options.Capacity));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.Capacity, ChannelLayout.MostItems, nameof(options.Capacity));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.BufferBytes, Environment.SystemPageSize, nameof(options.BufferBytes));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.BufferBytes, 1 << 30, nameof(options.BufferBytes));
        if (!Enum.IsDefined(options.FullMode))
            throw new ArgumentOutOfRangeException(nameof(options), options.FullMode, "There is no such mode for a full channel.");
        if (!Enum.IsDefined(options.Transport))
            throw new ArgumentOutOfRangeException(nameof(options), options.Transport, "There is no such transport.");
        if (options.Transport != ChannelTransport.SharedMemory && options.Redeliver)
            throw new ArgumentException($"What was read from a channel of {options.Transport} is in it no more, and cannot be given again. Use ChannelTransport.SharedMemory.", nameof(options));
        if (options.Transport != ChannelTransport.SharedMemory && options.FullMode is BoundedChannelFullMode.DropOldest or BoundedChannelFullMode.DropNewest)
            throw new ArgumentException($"What was written to a channel of {options.Transport} cannot be dropped any more. Use Wait or DropWrite, or ChannelTransport.SharedMemory.", nameof(options));
        if (options.Transport == ChannelTransport.File != options.Path is not null)
            throw new ArgumentException("A channel of ChannelTransport.File needs a Path, and no other has one.", nameof(options));
        if (options.FlushToDisk && options.Transport != ChannelTransport.File)
            throw new ArgumentException("Only a channel of ChannelTransport.File can be flushed to a disk.", nameof(options));
    }
}
