using Microsoft.Extensions.Logging;

namespace Kernmantle.Logging.Events;

/// <summary>Records of what this machine does not give, and of this library's own affairs: ids 1300 to 1399.</summary>
internal static partial class SystemEvents
{
    [LoggerMessage(1300, LogLevel.Warning, "Workers are reached over sockets, which costs more: there is no shared memory ({Cause}).")]
    public static partial void NoSharedMemory(ILogger logger, string cause);

    [LoggerMessage(1301, LogLevel.Warning, "Workers are reached over sockets, which costs more: no shared memory could be had ({Cause}).")]
    public static partial void SharedMemoryRefused(ILogger logger, string cause);

    [LoggerMessage(1310, LogLevel.Debug, "Left behind by programs that were killed, and removed: {Files} files of their runtimes, {Groups} control groups.")]
    public static partial void Swept(ILogger logger, int files, int groups);

    [LoggerMessage(1311, LogLevel.Warning, "What programs that were killed left behind could not be looked for.")]
    public static partial void SweepFailed(ILogger logger, Exception exception);

    [LoggerMessage(1320, LogLevel.Warning, "{Records} records were dropped: the log takes them too slowly, and {Waiting} were waiting for it.")]
    public static partial void RecordsDropped(ILogger logger, int records, int waiting);

    [LoggerMessage(1330, LogLevel.Warning, "A listener of metrics or traces failed. Calls are not concerned, but what it was told is lost; this is said once for each pool.")]
    public static partial void ListenerThrew(ILogger logger, Exception exception);
}
