using System.Runtime.CompilerServices;
using Kernmantle.Channels.Files;
using Kernmantle.Channels.Log;
using Kernmantle.Channels.Queues;
using Kernmantle.Channels.Rings;
using Kernmantle.Platform.Linux;
using Kernmantle.SharedBuffers;
using Kernmantle.SharedState;
using Microsoft.Win32.SafeHandles;

namespace Kernmantle.Channels;

/// <summary>Where the items of a channel are, by its transport.</summary>
internal static unsafe class ItemStores
{
    /// <summary>By the maker: what a new channel needs.</summary>
    public static StateMemory Create(ChannelLayout layout, WorkerChannelOptions options, string items)
    {
        ChannelLog? log = layout.Transport == ChannelTransport.File ? ChannelLog.Open(options.Path!, items, new() { LongestItem = layout.LargestItem }) : null;
        IReadOnlyList<SafeFileHandle> attachments = [];
        try
        {
            attachments = layout.Transport switch
            {
                ChannelTransport.Pipe => Ends(PacketQueue.CreatePipe(layout.Capacity)),
                ChannelTransport.UnixSocket => Ends(PacketQueue.CreateSockets()),
                ChannelTransport.File => [log!.Log, log.Position],
                _ => [],
            };
            StateMemory memory = StateMemory.Create(new ChannelPage(layout, options.EndWithWriters, attachments, log), layout.TotalBytes, isReserved: false);
            if (log is not null)
                FileStore.Begin(memory.Items, log, options.FlushToDisk);
            return memory;
        }
        catch
        {
            foreach (SafeFileHandle attached in attachments)
                attached.Dispose();
            log?.Dispose();
            throw;
        }
    }

    /// <summary>For one who has a seat.</summary>
    public static ItemStore Of(SharedBlock block, int seat, ChannelLayout layout)
    {
        byte* words = (byte*)block.Start + StateWords.Size;
        return layout.Transport switch
        {
            ChannelTransport.SharedMemory => new RingStore(words, seat, layout),
            ChannelTransport.File => new FileStore(words, layout, (block.Content as ChannelPage)?.File ?? ChannelLog.Of(block.Attachments[0], block.Attachments[1], "the file of the channel", new() { LongestItem = layout.LargestItem })),
            ChannelTransport.Pipe => new QueueStore(words, seat, layout, PacketQueue.OpenPipe(block.Attachments[0], block.Attachments[1])),
            _ => new QueueStore(words, seat, layout, new(block.Attachments[0], block.Attachments[1], IsSocket: true)),
        };
    }

    private static SafeFileHandle[] Ends(PacketQueue queue) => [queue.Read, queue.Write];
}
