namespace Kernmantle.Wire;

/// <summary>A peer broke the frame protocol; the connection cannot be trusted any further.</summary>
internal sealed class ProtocolViolationException(string message, Exception? inner = null) : Exception(message, inner);
