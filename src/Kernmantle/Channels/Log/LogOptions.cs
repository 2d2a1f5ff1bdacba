namespace Kernmantle.Channels.Log;

/// <summary>What a log may be told.</summary>
internal sealed class LogOptions
{
    public static LogOptions Default { get; } = new();

    /// <summary>What has been read stays on the disk.</summary>
    public bool KeepsAll { get; init; }

    /// <summary>In bytes: a longer one is neither written nor read, whatever a file says.</summary>
    public int LongestItem { get; init; } = 64 << 20;

    /// <summary>In bytes: what has been read is given back when it is so much.</summary>
    public long GiveBackStep { get; init; } = 64 << 20;
}
