namespace Kernmantle.SharedBuffers;

/// <summary>In a host: the connection to a worker that may have memory of shared buffers mapped.</summary>
internal interface IBufferBorrower
{
    /// <summary>The pool of the worker; null if it is of none.</summary>
    IBufferOwner? Pool { get; }

    /// <summary>Tells the worker that the memory is gone. Does not throw.</summary>
    void DropBuffer(int id);
}
