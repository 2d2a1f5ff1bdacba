namespace Kernmantle.Wire.Start;

/// <summary>Names of the environment variables between a host and the worker it starts.</summary>
internal static class LaunchVariables
{
    /// <summary>Says that this process is a worker: the value is a <see cref="WorkerTicket"/>. Cleared by the hook.</summary>
    public const string Ticket = "KERNMANTLE_WORKER";

    /// <summary>What the hook puts back before user code runs: a <see cref="RestoreList"/>. Cleared by the hook.</summary>
    public const string Restore = "KERNMANTLE_RESTORE";

    /// <summary>How deep this process is. Stays, so that programs started by a worker count on.</summary>
    public const string Depth = "KERNMANTLE_DEPTH";

    /// <summary>The runtime's list of start-up hooks.</summary>
    public const string StartupHooks = "DOTNET_STARTUP_HOOKS";

    /// <summary>The runtime's limit of the managed heap, in hexadecimal bytes.</summary>
    public const string HeapHardLimit = "DOTNET_GCHeapHardLimit";
}
