namespace Kernmantle.Wire;

/// <summary>How large bodies may be. Both ends compute with the same numbers.</summary>
internal static class FrameLimits
{
    /// <summary>
    /// What a body may have beyond a payload of the largest size: call names, indices. Also the room that failures and log
    /// records have in a pool with tiny payloads; the worker cuts them to it.
    /// </summary>
    public const int Overhead = 16 << 20;

    /// <summary>The largest body there can be: it must fit one array together with its header.</summary>
    public static long LargestBody => Array.MaxLength - FrameHeader.Size;

    /// <summary>The largest body a worker may write in a pool whose payloads are limited to <paramref name="maxPayload"/> bytes.</summary>
    public static long MaxBody(long maxPayload) => maxPayload > LargestBody - Overhead ? LargestBody : maxPayload + Overhead;
}
