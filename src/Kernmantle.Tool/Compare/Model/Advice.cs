namespace Kernmantle.Tool.Compare.Model;

/// <summary>What follows from the figures, in two sentences.</summary>
/// <param name="Place">The place that is recommended; null where none is.</param>
/// <param name="IsClear">Whether it is better by more than the spread.</param>
internal sealed record Advice(Place? Place, bool IsClear, string First, string Second);
