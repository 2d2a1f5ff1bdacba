namespace Kernmantle.SharedBuffers;

/// <summary>In a worker: what its host does about memory, whose all of it is. Thread-safe.</summary>
internal interface IBlockHost
{
    /// <summary>The host has it back, with a result.</summary>
    void Transfer(SharedBlock block);

    /// <summary>The next item of that ring of the channel, which is about to be written, carries that memory: it stays until the item is done.</summary>
    void Load(SharedBlock channel, int ring, long position, IReadOnlyList<SharedBlock> memory);

    /// <summary>That item is done, or was never written.</summary>
    void Unload(SharedBlock channel, int ring, long position);

    /// <summary>The memory of that name, with a reference for the caller, where nobody need be asked; null if the host must.</summary>
    SharedBlock? TryTake(BlockName name);

    /// <summary>Asks the host for it: what it is for, or null, if there is none by that name. Then it is to be received.</summary>
    /// <exception cref="InsufficientMemoryException">This worker holds as much as it may.</exception>
    Task<BlockUse?> AskAsync(BlockName name);

    /// <summary>What was asked for and is there, once for each time; with a reference for the caller.</summary>
    SharedBlock Receive(BlockName name, BlockUse use);
}
