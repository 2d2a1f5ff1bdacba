using System.Globalization;
using System.Numerics;
using System.Runtime.CompilerServices;
using Kernmantle.Channels.Log;
using Kernmantle.Channels.Rings;
using Kernmantle.Platform.Linux;
using Kernmantle.SharedBuffers;
using Kernmantle.SharedState;
using Microsoft.Win32.SafeHandles;

namespace Kernmantle.Channels;

/// <summary>A channel where it was made: clears up after processes that end. Thread-safe.</summary>
/// <param name="layout">The channel's.</param>
/// <param name="isEndedByDeath">It is completed when all writers have died.</param>
/// <param name="attachments">Where the items are, if they are not in the memory.</param>
/// <param name="log">The same, if that is a file.</param>
internal sealed unsafe class ChannelPage(ChannelLayout layout, bool isEndedByDeath, IReadOnlyList<SafeFileHandle> attachments, ChannelLog? log = null) : StatePage(StateKind.Channel, layout.Packed), IItemMemory
{
    private readonly LoadedItems items = new(layout);

    public override IReadOnlyList<SafeFileHandle> Attachments => attachments;

    /// <summary>The file, as its maker has it open.</summary>
    public ChannelLog? File => log;

    public override void OnFree(SharedBlock block)
    {
        base.OnFree(block);
        items.End();
        foreach (SafeFileHandle attached in attachments)
            attached.Dispose();
    }

    private readonly List<string> deadWriters = [];

    public override void OnWorkerEnded(SharedBlock block, int worker, ProcessEnd end)
    {
        byte* words = (byte*)block.Start + StateWords.Size;
        for (int seat = 0; seat < ChannelWords.Parties; seat++)
        {
            if (Volatile.Read(ref ChannelEnd.SeatOf(words, seat).Name) == ChannelEnd.NameOf(worker))
                Clear(block, seat, worker, end);
        }
        items.OnWorkerEnded(block, worker);
        ChannelEnd.RingAll(words);   // what was rung for the dead is another's
    }

    // --- What items carry ---

    /// <summary>How many items there are that carry something.</summary>
    public int LoadedItems => items.Count;

    public void Load(SharedBlock channel, int worker, int ring, long position, IReadOnlyList<SharedBlock> memory, HeldBytes? held) => items.Load(channel, worker, ring, position, memory, held);

    public void Unload(SharedBlock channel, int worker, int ring, long position) => items.Unload(channel, worker, ring, position);

    /// <summary>No item is read any more.</summary>
    public void UnloadAll() => items.End();

    // --- Death ---

    private void Clear(SharedBlock block, int seat, int worker, ProcessEnd end)
    {
        byte* words = (byte*)block.Start + StateWords.Size;
        ref ChannelWords all = ref Unsafe.AsRef<ChannelWords>(words);
        ref PartySeat party = ref ChannelEnd.SeatOf(words, seat);
        long bit = 1L << seat;
        SharedStores.And(ref all.Waiting, ~bit);
        SharedStores.Write(ref party.WantsRoom, 0);
        SharedStores.Write(ref party.Sending, 0);
        SharedStores.Write(ref party.Reading, 0);
        if (layout.Transport == ChannelTransport.SharedMemory)
            LetGo(words, seat);
        bool mightWrite = (Volatile.Read(ref all.Writers) & bit) != 0;
        SharedStores.And(ref all.Writers, ~bit);
        int state = Volatile.Read(ref all.State);
        SharedStores.Write(ref party.Name, 0);
        if (Volatile.Read(ref Unsafe.AsRef<StateWords>(block.Start).Ended) != 0)
            return;   // it was disposed of: there is nothing to be closed, nor anybody to be told
        if (state == ((int)ChannelState.Closing | (seat << 8)))
            ChannelEnd.CloseFor(words, ItemStores.Of(block, seat, layout), state);
        else if (mightWrite)
            OnWriterEnded(block, seat, worker, end);
    }

    private void OnWriterEnded(SharedBlock block, int seat, int worker, ProcessEnd end)
    {
        byte* words = (byte*)block.Start + StateWords.Size;
        ref ChannelWords all = ref Unsafe.AsRef<ChannelWords>(words);
        lock (deadWriters)
        {
            string how = end.Signal is { } signal ? $"by signal {signal}" : end.ExitCode is { } code ? $"with exit code {code}" : "nobody knows how";
            if (!end.IsInOrder)
                deadWriters.Add(string.Create(CultureInfo.InvariantCulture, $"{Party.NameOf(worker)} (id {worker}) ended {how}"));
            if (!isEndedByDeath || deadWriters.Count == 0 || Volatile.Read(ref all.Writers) != 0)
                return;
            int closing = (int)ChannelState.Closing | (seat << 8);
            if (SharedStores.CompareExchange(ref all.State, closing, (int)ChannelState.Open) != (int)ChannelState.Open)
                return;
            ChannelErrors.Write(words, new ChannelWritersLostException(deadWriters));
            ChannelEnd.CloseFor(words, ItemStores.Of(block, seat, layout), closing);
        }
    }

    /// <summary>What it had taken, and what it was about to replace.</summary>
    private void LetGo(byte* words, int seat)
    {
        ref ChannelWords all = ref Unsafe.AsRef<ChannelWords>(words);
        bool returned = layout.Carries;   // it may have died as it gave one back
        for (ulong left = (ulong)Volatile.Read(ref all.Used); left != 0; left &= left - 1)
        {
            int index = BitOperations.TrailingZeroCount(left);
            Ring ring = Ring.Of(words, index, layout);
            for (long slot = 0; slot < ring.SlotCount; slot++)
            {
                SlotWord word = ring.Read(slot);
                bool isTaken = word.State == SlotState.Taken && word.Seat == seat;
                if (!isTaken && !(index == seat && word.State == SlotState.Held))
                    continue;
                bool givesBack = isTaken && layout.Redelivers;
                SharedStores.CompareExchange(ref ring.WordOf(slot), givesBack ? word.GivenBack.Bits : word.With(SlotState.Done).Bits, word.Bits);
                returned |= givesBack;
                if (isTaken && !givesBack)
                    SharedStores.Increment(ref all.Lost);
            }
        }
        if (returned)
            SharedStores.Increment(ref all.Returned);
    }
}
