namespace Kernmantle.SharedBuffers;

/// <summary>A pool whose workers are handed memory of this process.</summary>
internal interface IBufferOwner
{
    /// <summary>No worker is left, and none will come.</summary>
    bool HasEnded { get; }
}
