namespace Kernmantle;

/// <summary>How a host and its workers talk.</summary>
public enum WorkerTransport
{
    /// <summary>
    /// Shared memory where there is any, else sockets. The environment variable <c>KERNMANTLE_TRANSPORT</c> (<c>shared-memory</c>,
    /// <c>socket</c>) decides if it is set.
    /// </summary>
    Automatic,

    /// <summary>Rings in shared memory (Linux): a call costs about what handing it to a thread costs. The pool cannot be created where there is none.</summary>
    SharedMemory,

    /// <summary>Unix-domain sockets: everywhere, with two system calls and a wake-up for each call.</summary>
    Socket,
}
