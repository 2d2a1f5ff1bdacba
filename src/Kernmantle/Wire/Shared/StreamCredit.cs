namespace Kernmantle.Wire.Shared;

/// <summary>How many items of a stream may be under way: both sides count alike.</summary>
internal static class StreamCredit
{
    private const int BytesPerUnit = 1 << 10;

    /// <summary>What an item takes of the window: small ones 1, so that there are never more than it says, and large ones as much as they have KiB.</summary>
    public static int CostOf(int length) => 1 + length / BytesPerUnit;

    /// <summary>Whether one more may be under way. One always may.</summary>
    public static bool HasRoom(long underWay, int cost, int window) => underWay == 0 || underWay + cost <= window;
}
