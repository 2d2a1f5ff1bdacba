using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Kernmantle.Channels;
using Kernmantle.Channels.Rings;
using Kernmantle.Platform.Linux;
using Kernmantle.SharedState;

namespace Kernmantle.Tests.Channels;

/// <summary>In the memory of a channel.</summary>
public sealed partial class HostilePartyTests
{
    /// <summary>Whatever stands in the memory: nothing crashes, nothing takes for ever, and what is read is a typed failure or a value.</summary>
    [Theory]
    [Repeated]
    [InlineData(ChannelTransport.SharedMemory, BoundedChannelFullMode.Wait)]
    [InlineData(ChannelTransport.SharedMemory, BoundedChannelFullMode.DropOldest)]
    [InlineData(ChannelTransport.SharedMemory, BoundedChannelFullMode.DropNewest)]
    [InlineData(ChannelTransport.SharedMemory, BoundedChannelFullMode.DropWrite)]
    [InlineData(ChannelTransport.Pipe, BoundedChannelFullMode.Wait)]
    [InlineData(ChannelTransport.UnixSocket, BoundedChannelFullMode.DropWrite)]
    [InlineData(ChannelTransport.File, BoundedChannelFullMode.Wait)]
    public Task Rubbish_in_every_word_harms_nobody_but_the_channel(ChannelTransport transport, BoundedChannelFullMode mode) => FuzzAsync(Repetitions.Of(quick: 100, atLength: 300), async (random, round) =>
    {
        bool redeliver = transport == ChannelTransport.SharedMemory && round % 2 == 0;
        using WorkerChannel<string> texts = Make<string>(transport, mode, redeliver);
        using WorkerChannel<(int, long)> numbers = Make<(int, long)>(transport, mode, redeliver);
        using WorkerChannel<(int, SharedLock?)>? locks = transport == ChannelTransport.SharedMemory ? Make<(int, SharedLock?)>(transport, mode, redeliver) : null;   // others carry no memory
        using var carried = new SharedLock();
        for (int step = 0; step < 100; step++)
        {
            Spoil(texts.Memory, random);
            Spoil(numbers.Memory, random);
            await UseAsync(texts, "text", random);
            await UseAsync(numbers, (1, 2), random);
            if (locks is null)
                continue;
            Spoil(locks.Memory, random);
            await UseAsync(locks, (1, carried), random);
        }
    });

    private static async Task UseAsync<T>(WorkerChannel<T> channel, T item, Random random)
    {
        try
        {
            switch (random.Next(10))
            {
                case 0:
                    _ = channel.Reader.TryReadMany(new T[3]);
                    break;
                case 1:
                    _ = channel.Writer.TryWriteMany(new T[] { item, item, item });
                    break;
                case 2:
                    _ = (channel.Reader.CanCount ? channel.Reader.Count : 0) + channel.Lost + channel.Dropped;
                    break;
                case 3:
                    ((ChannelPage)channel.Memory.Block.Content!).OnWorkerEnded(channel.Memory.Block, random.Next(3), ProcessEnd.Unknown);
                    break;
                case 4:
                    if (channel.Reader.TryTake(out ChannelDelivery<T>? delivery))
                        delivery.Complete();
                    break;
                case 5 when random.Next(20) == 0:
                    _ = channel.Writer.TryComplete(new InvalidOperationException("enough"));
                    break;
                case 6:
                    using (var over = new CancellationTokenSource())
                    {
                        Task<bool> wait = channel.Reader.WaitToReadAsync(over.Token).AsTask();
                        await over.CancelAsync();
                        await wait;
                    }
                    break;
                case 7:
                    _ = channel.Reader.TryRead(out _);
                    break;
                default:
                    _ = channel.Writer.TryWrite(item);
                    break;
            }
        }
        catch (Exception e) when (e is InvalidDataException or OperationCanceledException or RemoteException or ChannelWritersLostException or InvalidOperationException or IOException)
        {
            // What the words say.
        }
    }

    private static unsafe void Spoil(StateMemory memory, Random random)
    {
        var layout = new ChannelLayout(memory.Parameter);
        byte* words = memory.Items;
        long at = random.Next(layout.RingBytes == 0 ? 2 : 3) switch
        {
            0 => random.Next(ChannelWords.Seats / 8) * 8,
            1 => ChannelWords.Seats + (random.Next(4) * PartySeat.Size) + (random.Next(6) * 8),
            _ => ChannelWords.Size + (random.Next(2) * layout.RingBytes) + (random.Next(4) switch
            {
                0 => random.Next(3) * 64,
                1 => random.Next((int)layout.RingBytes / 8) * 8,
                _ => RingWords.Size + (random.Next(layout.Slots) * layout.SlotBytes) + (random.Next(3) == 0 ? 8 : 0),
            }),
        };
        ref long word = ref Unsafe.AsRef<long>(words + at);
        word = random.Next(8) switch
        {
            7 => long.MaxValue - random.Next(20),
            0 => random.NextInt64(),
            1 => -1,
            2 => 0,
            3 => word + random.Next(-3, 4),
            4 => new SlotWord(RingWords.First + random.Next(20), (SlotState)random.Next(7), random.Next(64), random.Next(3)).Bits,
            5 => word ^ (1L << random.Next(64)),
            _ => random.Next(10),
        };
        GC.KeepAlive(memory);
    }
}
