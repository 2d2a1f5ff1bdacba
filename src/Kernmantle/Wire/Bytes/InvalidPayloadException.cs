namespace Kernmantle.Wire.Bytes;

/// <summary>The other side wrote bytes that no correct writer writes: a protocol violation where a worker wrote them.</summary>
internal sealed class InvalidPayloadException(string message, Exception? inner = null) : Exception(message, inner);
