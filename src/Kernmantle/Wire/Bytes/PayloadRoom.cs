using System.Buffers;

namespace Kernmantle.Wire.Bytes;

/// <summary>Memory that the other side reads: a payload too large for a ring is encoded right into it. It has one owner at a time.</summary>
internal abstract class PayloadRoom : MemoryManager<byte>
{
    /// <summary>How long a payload may be, in bytes.</summary>
    public abstract int Capacity { get; }

    /// <summary>Its owner needs it no more: what was written was not sent, or has been read. Thread-safe.</summary>
    public abstract void Release();

    public override MemoryHandle Pin(int elementIndex = 0) => throw new NotSupportedException("Payloads are copied, not pinned.");

    public override void Unpin()
    {
    }

    protected override void Dispose(bool disposing)
    {
        // Whose it is says Release.
    }
}

/// <summary>Where such memory is to be had.</summary>
internal interface IPayloadRooms
{
    /// <summary>The largest payload that goes another way, in bytes.</summary>
    int LargestElsewhere { get; }

    /// <summary>Memory for a payload of that length; null where the payload is to be collected in an array after all.</summary>
    PayloadRoom? TryRent(int length);
}
