using Kernmantle.Logging.Events;
using Microsoft.Extensions.Logging;

namespace Kernmantle.Host.Lane;

/// <summary>Decides how a pool's workers are reached.</summary>
internal static class TransportChoice
{
    public const string Variable = "KERNMANTLE_TRANSPORT";

    /// <summary>Shared memory, if that is to be used.</summary>
    /// <exception cref="PlatformNotSupportedException">It is asked for, and there is none.</exception>
    /// <exception cref="InvalidOperationException">The environment variable says something unknown.</exception>
    public static bool UseSharedMemory(WorkerTransport option, ILogger log)
    {
        WorkerTransport asked = option == WorkerTransport.Automatic ? FromEnvironment() : option;
        if (asked == WorkerTransport.Socket)
            return false;
        if (SharedSettings.Unavailable is not { } reason)
            return true;
        if (asked == WorkerTransport.SharedMemory)
            throw new PlatformNotSupportedException($"There is no shared memory for workers here: {reason}. Use WorkerTransport.Automatic or Socket.");
        SystemEvents.NoSharedMemory(log, reason);
        return false;
    }

    private static WorkerTransport FromEnvironment() => Environment.GetEnvironmentVariable(Variable) switch
    {
        null or "" or "automatic" => WorkerTransport.Automatic,
        "shared-memory" => WorkerTransport.SharedMemory,
        "socket" => WorkerTransport.Socket,
        { } other => throw new InvalidOperationException($"{Variable} is '{other}'. It must be 'shared-memory', 'socket' or 'automatic'."),
    };
}
