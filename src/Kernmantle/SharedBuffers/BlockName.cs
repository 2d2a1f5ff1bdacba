namespace Kernmantle.SharedBuffers;

/// <summary>What memory is called between processes.</summary>
/// <param name="Id">Which it is.</param>
/// <param name="Key">By chance, and anew whenever the memory is used again: only who was told it can name the memory to a process that does not have it.</param>
internal readonly record struct BlockName(int Id, long Key);

/// <summary>What the memory is for, as its maker knows it.</summary>
/// <param name="Kind">0: a buffer; else what the shared objects call their kind.</param>
/// <param name="Parameter">What the kind means by it.</param>
internal sealed record BlockUse(byte Kind, long Parameter)
{
    public static readonly BlockUse Buffer = new(0, 0);
}
