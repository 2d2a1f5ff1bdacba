using System.Runtime.CompilerServices;

namespace Kernmantle.Channels.Rings;

/// <summary>Where one ring lies.</summary>
internal readonly unsafe ref struct Ring(byte* start, ChannelLayout layout)
{
    private readonly byte* slots = start + RingWords.Size;
    private readonly int slotBytes = layout.SlotBytes;
    private readonly int slotCount = layout.Slots;

    /// <summary>That of a seat; behind what all know.</summary>
    public static Ring Of(byte* words, int seat, ChannelLayout layout) => new(words + ChannelWords.Size + (seat * layout.RingBytes), layout);

    public ref RingWords Words => ref Unsafe.AsRef<RingWords>(start);

    public int SlotCount => slotCount;

    /// <summary>All before that position is done; whatever the word says, it is one.</summary>
    public long Tail => Math.Max(RingWords.First, Volatile.Read(ref Words.Tail));

    public ref long WordOf(long position) => ref Unsafe.AsRef<long>(SlotOf(position));

    public SlotWord Read(long position) => new(Volatile.Read(ref WordOf(position)));

    /// <summary>Where the item of that position lies, if each has the same length.</summary>
    public Span<byte> ItemOf(long position) => new(SlotOf(position) + sizeof(long), layout.ItemBytes);

    /// <summary>Where the item of that position says that it lies, if each has its own length.</summary>
    public Span<byte> PlaceOf(long position) => new(SlotOf(position) + sizeof(long), sizeof(ItemPlace));

    /// <summary>The bytes of an item with a length of its own. Whoever may write there may have written anything.</summary>
    public bool TryBytes(ItemPlace place, out Span<byte> bytes)
    {
        bool isSound = place.Start >= 0 && place.Length >= 0 && place.Start <= layout.BufferBytes - place.Length;
        bytes = isSound ? new(slots + ((long)slotCount * slotBytes) + place.Start, place.Length) : default;
        return isSound;
    }

    /// <summary>The first position from there on that is neither taken nor done, as far as one can see; what stands there.</summary>
    /// <param name="from">From there on.</param>
    /// <param name="jump">Behind this position those that are done may be left out.</param>
    /// <param name="word">What stands there.</param>
    public long Skip(long from, long jump, out SlotWord word)
    {
        long position = from;
        for (int left = 2 * slotCount; ; left--)
        {
            word = Read(position);
            long against = word.Against(position);
            if (against < 0 || left == 0 || (against == 0 && word.State is not (SlotState.Taken or SlotState.Done)))
                return position;
            if (against > 0)
                position += against - slotCount + 1;   // the writer has come round: all up to there are done
            else
                position = jump > position && jump - position <= slotCount ? jump : position + 1;
        }
    }

    private byte* SlotOf(long position) => slots + ((position & (slotCount - 1)) * slotBytes);
}
