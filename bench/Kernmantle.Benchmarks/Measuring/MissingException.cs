namespace Kernmantle.Benchmarks.Measuring;

/// <summary>This cannot be measured here; the message is the reason that the report gives.</summary>
internal sealed class MissingException(string reason) : Exception(reason);
