namespace Kernmantle.Python.Sharing;

/// <summary>What one worker was handed. Its link locks.</summary>
/// <param name="item">It.</param>
internal sealed class Handed(HostObject item)
{
    public HostObject Object => item;

    /// <summary>How often, less those that the worker has said to be gone.</summary>
    public int Count { get; set; }

    /// <summary>Items that the worker got of it, and may give back.</summary>
    public int Taken { get; set; }
}
