namespace Kernmantle.Scheduling.Maps;

/// <summary>The items of a map that cross as their bits.</summary>
/// <param name="InputBytes">Of each input.</param>
/// <param name="ResultBytes">Of each result; 0 for none.</param>
/// <param name="BindOnce">No call can change what the function captures.</param>
internal readonly record struct SliceShape(int InputBytes, int ResultBytes, bool BindOnce);
