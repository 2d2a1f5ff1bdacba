namespace Kernmantle.Wire.Shared;

/// <summary>Memory that a worker and its host both see, with the items of a slice in it.</summary>
internal interface ISliceMemory
{
    /// <summary>What is there, as it is at this moment: the worker may write to it.</summary>
    Span<byte> Part(int from, int length);

    /// <summary>It is not looked at any more. Once.</summary>
    void GiveBack();
}
