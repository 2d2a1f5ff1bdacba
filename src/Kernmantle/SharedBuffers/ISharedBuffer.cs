namespace Kernmantle.SharedBuffers;

/// <summary>A shared buffer of any item type.</summary>
internal interface ISharedBuffer
{
    /// <exception cref="ObjectDisposedException">It was given back.</exception>
    SharedBlock Block { get; }

    /// <summary>Worker: it has been returned to the host, whose it is now.</summary>
    void Transfer();

    /// <summary>The call that got it has ended: gives it back, unless that was done.</summary>
    void Expire();
}

/// <summary>How buffers cross with one call, or one connection.</summary>
internal interface IBufferScope
{
    /// <summary>Host: the call holds the memory from now on. False: it cannot cross by reference here.</summary>
    bool TryLend(SharedBlock block);

    /// <summary>The memory of that name, with a reference for the caller.</summary>
    /// <exception cref="Wire.Bytes.InvalidPayloadException">The other side has no such memory.</exception>
    SharedBlock Take(BlockName name);

    /// <summary>Worker: to be given back at the call's end.</summary>
    void Opened(ISharedBuffer buffer);

    /// <summary>Worker: items of an argument without a copy, until the call's end, where they lie in memory that stays as long. False: they are to be copied.</summary>
    bool TryView<T>(ReadOnlySpan<byte> items, out ReadOnlyMemory<T> view)
        where T : unmanaged
    {
        view = default;
        return false;
    }
}

/// <summary>Marks the codecs of shared buffers, which need to know of the call.</summary>
internal interface ISharedBufferCodec;
