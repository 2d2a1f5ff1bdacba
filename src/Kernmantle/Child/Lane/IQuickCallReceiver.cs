using Kernmantle.Wire;

namespace Kernmantle.Child.Lane;

/// <summary>Takes quick calls that the reader thread found.</summary>
internal interface IQuickCallReceiver
{
    void OnQuickCall(FrameKind kind, byte flags, long sequence, ReadOnlySpan<byte> body);
}
