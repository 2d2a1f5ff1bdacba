namespace Kernmantle.Wire;

/// <summary>With which codes a worker process ends by itself. See PROTOCOL.md.</summary>
internal static class WorkerExitCodes
{
    /// <summary>Asked to stop, and stopped.</summary>
    public const int Stopped = 0;

    /// <summary>The initializer failed; the failure was sent.</summary>
    public const int InitializerFailed = 94;

    /// <summary>The host ended or closed the channel.</summary>
    public const int HostGone = 95;

    /// <summary>The host is another build of this library, or does not speak the protocol; standard error says what.</summary>
    public const int ProtocolMismatch = 96;

    /// <summary>The program's Main ran in a process that was meant to be a worker.</summary>
    public const int MainEntered = 97;
}
