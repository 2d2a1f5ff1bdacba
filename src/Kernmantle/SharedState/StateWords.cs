using System.Runtime.InteropServices;

namespace Kernmantle.SharedState;

/// <summary>
/// The page of one shared object: it has a page for itself, which its maker (M, the host) and those map that were handed the object, any thread (T) of which may write where
/// it says so. Nothing that lies here is believed by anybody whom it could harm: sizes and kinds travel with the object and not in the page. README.md in this folder tells
/// the protocols; the names are those of docs/models.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = Size)]
internal struct StateWords
{
    public const int Size = 4096;

    /// <summary>How many can be known by name in <see cref="SharedState.SeatTable"/>: one bit each in a word.</summary>
    public const int Seats = 64;

    public const int SleeperSeats = 1024, ReaderSeats = 1536, Content = 2048;

    // --- Written by the maker only ---

    /// <summary>M: 1 once it has been disposed of. Release.</summary>
    [FieldOffset(0)]
    public int Ended;

    /// <summary>M: the number of the worker that ended before its time, of which others may be waiting; 0 for none. Release.</summary>
    [FieldOffset(4)]
    public int Lost;

    // --- Who waits ---

    /// <summary>T: counter, futex. Interlocked, after what is waited for was changed.</summary>
    [FieldOffset(64)]
    public int Bell;

    /// <summary>
    /// T: bit i says that who has the seat i of <see cref="SleeperSeats"/> sleeps, or is about to. Set by it (a fence) before its last look, cleared by it, or by the maker when it has died; bit 63 is
    /// that of all who found no seat, and stays.
    /// </summary>
    [FieldOffset(128)]
    public long Sleepers;

    // --- Who owns ---

    /// <summary>T: bits 32-63 the worker's number (0: the maker), 0-31 the thread; 0 for nobody. From 0 by compare-and-swap, to 0 by its owner, or by the maker when that has died (a fence).</summary>
    [FieldOffset(192)]
    public long Owner;

    /// <summary>T, the owner only: how many times more it has entered.</summary>
    [FieldOffset(200)]
    public int Depth;

    /// <summary>1: an owner died while it owned, and nobody has said since that what it protects is consistent. Set by the maker before it clears <see cref="Owner"/>, cleared by an owner.</summary>
    [FieldOffset(204)]
    public int Inconsistent;

    /// <summary>T: 1 once the owner may write, which is when the readers have left. By the owner only.</summary>
    [FieldOffset(208)]
    public int Writing;

    /// <summary>M: the name of who waits and is to give up, since all wait for each other; 0 for nobody. That one sets it to 0.</summary>
    [FieldOffset(216)]
    public long Refused;

    /// <summary>T: bit i says that who has the seat i of <see cref="ReaderSeats"/> reads. Set by it (a fence) before it looks whether there is an owner.</summary>
    [FieldOffset(256)]
    public long Readers;

    // --- What it is about ---

    /// <summary>T: what the kind says. Interlocked.</summary>
    [FieldOffset(320)]
    public long State;
}
