namespace Kernmantle.Channels.Rings;

/// <summary>
/// The word of a slot: bits 0-3 what stands there, 4-9 the seat of the reader that has it, 12-19 how often it was given before, 24-63 its position. It changes by compare-and-swap, except from <see cref="SlotState.Taken"/>,
/// where it is its reader's; or its maker's, when that has died.
/// </summary>
internal readonly record struct SlotWord(long Bits)
{
    private const int PositionShift = 24;

    public SlotWord(long position, SlotState state, int seat = 0, int given = 0)
        : this((position << PositionShift) | ((long)(given & 0xFF) << 12) | ((long)seat << 4) | (long)state)
    {
    }

    public SlotState State => (SlotState)(Bits & 15);

    public int Seat => (int)(Bits >> 4) & (ChannelWords.Parties - 1);

    /// <summary>How often it was given to a reader that died; at most 255.</summary>
    public int Given => (int)(Bits >> 12) & 0xFF;

    /// <summary>Less than zero: what stands there is of a lap before; zero: it is the item of that position; more: of a later lap. Positions are compared by their last 40 bits.</summary>
    public long Against(long position) => ((Bits >> PositionShift) - position) << PositionShift >> PositionShift;

    public SlotWord With(SlotState state) => new((Bits & ~15L) | (long)state);

    public SlotWord TakenBy(int seat) => new((Bits & ~0x3FFL) | ((long)seat << 4) | (long)SlotState.Taken);

    /// <summary>To be taken once more.</summary>
    public SlotWord GivenBack => new((Bits & ~0xFF3FFL) | ((long)Math.Min(Given + 1, 0xFF) << 12) | (long)SlotState.Ready);
}

/// <summary>What stands in a slot.</summary>
internal enum SlotState : byte
{
    /// <summary>Nothing yet.</summary>
    Free,

    /// <summary>By the writer: an item.</summary>
    Ready,

    /// <summary>By a reader: it has the item.</summary>
    Taken,

    /// <summary>By that reader: it needs it no more. The writer may use the slot again.</summary>
    Done,

    /// <summary>By the writer: it puts another item in the place of this one.</summary>
    Held,

    /// <summary>By who closes the channel: nothing comes here any more.</summary>
    End,
}
