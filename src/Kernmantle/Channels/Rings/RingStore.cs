using System.Numerics;
using System.Runtime.CompilerServices;
using Kernmantle.SharedState;

namespace Kernmantle.Channels.Rings;

/// <summary>Items in shared memory: a ring for each writer, which only that one writes to, and which all readers read.</summary>
internal sealed unsafe class RingStore(byte* words, int seat, ChannelLayout layout) : ItemStore
{
    private readonly RingMerge merge = new(words, seat, layout);
    private OwnRing? own;

    private ref ChannelWords Words => ref Unsafe.AsRef<ChannelWords>(words);

    private OwnRing Own => own ??= new(words, seat, layout);

    public override int Count => merge.Count();

    public override long Dropped
    {
        get
        {
            long dropped = 0;
            for (ulong left = (ulong)Volatile.Read(ref Words.Used); left != 0; left &= left - 1)
                dropped += Volatile.Read(ref Ring.Of(words, BitOperations.TrailingZeroCount(left), layout).Words.Dropped);
            return dropped;
        }
    }

    public override Put TryWrite(ReadOnlySpan<byte> item, IItemLoad? load) => IsOpen ? Own.TryWrite(item, load) : Put.Closed;

    public override int WriteMany(ReadOnlySpan<byte> items, int size, out Put last)
    {
        last = Put.Closed;
        if (!IsOpen)
            return 0;
        return layout.FullMode == System.Threading.Channels.BoundedChannelFullMode.Wait ? Own.WriteMany(items, out last) : base.WriteMany(items, size, out last);
    }

    public override bool MayWrite(int bytes) => !IsOpen || Own.MayWrite(bytes);

    public override Took TryTake(Span<byte> room, out int length, out Claim claim) => merge.TryTake(room, out length, out claim);

    public override void PutBack(in Claim claim) => merge.PutBack(claim);

    public override int ReadMany(Span<byte> room, int size, out ulong writers) => merge.ReadMany(room, out writers);

    public override void Finish(in Claim claim) => merge.Finish(claim);

    public override int WriterOf(in Claim claim) => claim.Place;

    public override bool IsRoomy(int writer) => merge.Unread(writer) <= layout.Capacity / 2;

    public override bool HasItem() => merge.HasItem();

    public override void Close()
    {
        for (ulong left = (ulong)Volatile.Read(ref Words.Used); left != 0; left &= left - 1)
            End(Ring.Of(words, BitOperations.TrailingZeroCount(left), layout));
    }

    public override bool IsDrained()
    {
        for (ulong left = (ulong)Volatile.Read(ref Words.Used); left != 0; left &= left - 1)
        {
            if (!IsDrained(Ring.Of(words, BitOperations.TrailingZeroCount(left), layout)))
                return false;
        }
        return true;
    }

    private bool IsOpen => ChannelWords.StateOf(ref Words) == ChannelState.Open;

    /// <summary>Puts the end into the first slot in which nothing was written. Its writer may write meanwhile; it sees soon that the channel is not open.</summary>
    private static void End(Ring ring)
    {
        long position = ring.Tail;
        for (int tries = 0; tries < (4 * ring.SlotCount) + 1000; tries++)
        {
            SlotWord word = ring.Read(position);
            long against = word.Against(position);
            if (against == 0 && word.State == SlotState.End)
                return;
            if (against > 0)
                position += against - ring.SlotCount + 1;
            else if (against == 0)
                position++;
            else if (SharedStores.CompareExchange(ref ring.WordOf(position), new SlotWord(position, SlotState.End).Bits, word.Bits) == word.Bits)
                return;
        }
    }

    /// <summary>Once the channel is closed, a ring has its end; or its seat was taken after that, and nothing comes there.</summary>
    private static bool IsDrained(Ring ring)
    {
        long position = ring.Tail;
        for (int left = 2 * ring.SlotCount; left > 0; left--)
        {
            SlotWord word = ring.Read(position);
            long against = word.Against(position);
            if (against > 0)
                position += against - ring.SlotCount + 1;
            else if (against < 0 || word.State != SlotState.Done)
                return against < 0 || word.State == SlotState.End;
            else
                position++;
        }
        return false;
    }
}
