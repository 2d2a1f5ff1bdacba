namespace Kernmantle;

/// <summary>
/// The file of a channel does not hold what was written to it: a bad sector, an edit, a piece that was cut off. An end that was not completely written, as a kill or a loss of power leaves it, is no damage: that is cut off
/// and not told. What lies before the damage has been read, or can be.
/// </summary>
public sealed class ChannelFileDamagedException : ChannelFileException
{
    /// <summary>Creates it, for tests of code that handles it.</summary>
    /// <param name="message">What happened, and what to do.</param>
    /// <param name="path">The file.</param>
    /// <param name="offset">Where the item begins that cannot be read, in bytes.</param>
    /// <param name="next">Where the first one behind it begins that can be read; null if there is none.</param>
    public ChannelFileDamagedException(string message, string path, long offset, long? next)
        : base(message, path)
    {
        Offset = offset;
        Next = next;
    }

    /// <summary>Where the item begins that cannot be read, in bytes.</summary>
    public long Offset { get; }

    /// <summary>Where the first item behind it begins that can be read, in bytes; null if there is none.</summary>
    public long? Next { get; }
}
