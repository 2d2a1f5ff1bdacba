using Kernmantle.SharedBuffers;
using Kernmantle.SharedState;

namespace Kernmantle.Channels.Rings;

/// <summary>
/// The memory that the items in the rings of one channel carry, where that was made: it is referred to for as long as its item is there. Whether that is, its slot says; so what is kept for nothing is found, whoever
/// died, or dropped what, or never said a word. There is one entry at most for each slot. Thread-safe.
/// </summary>
internal sealed unsafe class LoadedItems(ChannelLayout layout)
{
    private readonly Lock gate = new();
    private readonly Dictionary<(int Ring, long Slot), Item> loaded = [];
    private bool hasEnded;

    /// <param name="Worker">Who wrote it, or is about to.</param>
    /// <param name="Position">Where.</param>
    /// <param name="Memory">What it carries.</param>
    /// <param name="Held">Counts that.</param>
    private sealed record Item(int Worker, long Position, SharedBlock[] Memory, HeldBytes? Held)
    {
        /// <summary>Of buffers: an object is one memory, however many items carry it.</summary>
        private long Bytes => Memory.Where(static m => m.Content is null).Sum(static m => m.Length);

        public void Keep()
        {
            Held?.Add(Bytes);
            foreach (SharedBlock block in Memory)
                block.AddReference();
        }

        public void Release()
        {
            Held?.Add(-Bytes);
            foreach (SharedBlock block in Memory)
                block.Release();
        }
    }

    /// <summary>How many there are.</summary>
    public int Count
    {
        get
        {
            lock (gate)
                return loaded.Count;
        }
    }

    /// <summary>As <see cref="IItemMemory.Load"/>.</summary>
    public void Load(SharedBlock channel, int worker, int ring, long position, IReadOnlyList<SharedBlock> memory, HeldBytes? held)
    {
        if (!layout.Carries)
            return;
        var item = new Item(worker, position, [.. memory.Where(m => m != channel)], held);   // who reads it has the channel, which would else keep itself for ever
        item.Keep();
        Item? over;
        lock (gate)
        {
            (int, long) place = PlaceOf(ring, position);
            over = item;
            if (!hasEnded && SlotOf(channel, ring, position) <= SlotLook.There)   // else it was read before its writer was heard
            {
                loaded.Remove(place, out over);
                loaded.Add(place, item);
            }
        }
        over?.Release();
    }

    /// <summary>As <see cref="IItemMemory.Unload"/>.</summary>
    public void Unload(SharedBlock channel, int worker, int ring, long position)
    {
        Item? item;
        lock (gate)
        {
            (int, long) place = PlaceOf(ring, position);
            if (!loaded.TryGetValue(place, out item) || item.Position != position || (item.Worker != worker && SlotOf(channel, ring, position) != SlotLook.Over))
                return;
            loaded.Remove(place);
        }
        item.Release();
    }

    /// <summary>After what it was about to read or write has been cleared up.</summary>
    public void OnWorkerEnded(SharedBlock channel, int worker)
    {
        List<Item> over = [];
        lock (gate)
        {
            foreach (((int Ring, long Slot) place, Item item) in loaded)   // removing what it is at, it goes on
            {
                SlotLook look = SlotOf(channel, place.Ring, item.Position);
                if ((look == SlotLook.Over || (look == SlotLook.NotYet && item.Worker == worker)) && loaded.Remove(place))
                    over.Add(item);
            }
        }
        over.ForEach(static item => item.Release());
    }

    /// <summary>Nobody reads an item any more.</summary>
    public void End()
    {
        List<Item> left;
        lock (gate)
        {
            hasEnded = true;
            left = [.. loaded.Values];
            loaded.Clear();
        }
        left.ForEach(static item => item.Release());
    }

    private (int Ring, long Slot) PlaceOf(int ring, long position) => (ring & (ChannelWords.Parties - 1), position & (layout.Slots - 1));

    private SlotLook SlotOf(SharedBlock channel, int ring, long position)
    {
        SlotWord word = Ring.Of((byte*)channel.Start + StateWords.Size, ring & (ChannelWords.Parties - 1), layout).Read(position);
        return word.Against(position) switch
        {
            < 0 => SlotLook.NotYet,
            0 when word.State is not (SlotState.Done or SlotState.End) => SlotLook.There,
            _ => SlotLook.Over,
        };
    }

    private enum SlotLook
    {
        NotYet,
        There,
        Over,
    }
}
