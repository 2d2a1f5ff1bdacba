namespace Kernmantle;

/// <summary>
/// The file of a channel cannot be used, or not as it is: it is another kind of file, it holds items of another type, it is in use, or the disk is full. Nothing that lay in it has been changed.
/// </summary>
public class ChannelFileException : IOException
{
    /// <summary>Creates it, for tests of code that handles it.</summary>
    /// <param name="message">What happened, and what to do.</param>
    /// <param name="path">The file.</param>
    /// <param name="cause">What the system said; null if it said nothing.</param>
    public ChannelFileException(string message, string path, Exception? cause = null)
        : base(message, cause)
    {
        Path = path;
    }

    /// <summary>The file.</summary>
    public string Path { get; }
}
