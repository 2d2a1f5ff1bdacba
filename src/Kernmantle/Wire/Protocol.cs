namespace Kernmantle.Wire;

/// <summary>Constants that both sides share; their meaning is in PROTOCOL.md.</summary>
internal static class Protocol
{
    public const int Version = 2;

    /// <summary>Flag of Hello.</summary>
    public const byte WaitForDebugger = 1;

    /// <summary>Flag of Hello.</summary>
    public const byte HasInitializer = 2;

    /// <summary>Flag of Hello: log records for which there is no room are dropped, and counted.</summary>
    public const byte DropsLog = 4;

    /// <summary>Flag of Begun.</summary>
    public const byte DebuggerAttached = 1;

    /// <summary>Host and worker must run the very same build of this library.</summary>
    public static Guid CoreModule { get; } = typeof(Protocol).Module.ModuleVersionId;
}
