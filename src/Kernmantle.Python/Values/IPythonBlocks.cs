namespace Kernmantle.Python.Values;

/// <summary>Takes the bytes of large numeric arrays into shared memory, so that they need not travel with the value.</summary>
internal interface IPythonBlocks
{
    /// <summary>Copies the bytes into a block. False: there is no room, and they travel with the value.</summary>
    bool TryPlace(ReadOnlySpan<byte> bytes, out int blockId, out long offset);
}

/// <summary>Where the bytes of arrays in shared memory are found.</summary>
internal interface IPythonBlockSource
{
    /// <summary>The most bytes that one value may read from blocks altogether: a value may name the same bytes many times.</summary>
    long LimitBytes { get; }

    /// <summary>The bytes, valid until the value is read. The other side may write to them at any time: they are copied first and checked then.</summary>
    /// <exception cref="Wire.Bytes.InvalidPayloadException">There is no such block, or not that many bytes in it.</exception>
    ReadOnlySpan<byte> Get(int blockId, long offset, long length);
}
