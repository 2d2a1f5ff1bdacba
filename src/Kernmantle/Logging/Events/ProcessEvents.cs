using Microsoft.Extensions.Logging;

namespace Kernmantle.Logging.Events;

/// <summary>Records of one worker process, by its host: ids 1100 to 1199.</summary>
internal static partial class ProcessEvents
{
    [LoggerMessage(1100, LogLevel.Warning, "{Worker} (pid {ProcessId}) closed its channel and went on: killed.")]
    public static partial void ChannelClosed(ILogger logger, string worker, int processId);

    [LoggerMessage(1101, LogLevel.Warning, "A limit of {Worker} could not be lifted after its call.")]
    public static partial void LimitNotLifted(ILogger logger, Exception exception, string worker);

    [LoggerMessage(1103, LogLevel.Warning, "{Worker} died while it made {Function} ready: new workers leave that to its first call.")]
    public static partial void DiedWarming(ILogger logger, string worker, string function);

    [LoggerMessage(1104, LogLevel.Warning, "{Worker} was started, and no spare of {Pool} taken: those were not started as it is, {Difference} is not the same. Said once.")]
    public static partial void SpareDiffers(ILogger logger, string worker, string pool, string difference);

    [LoggerMessage(1105, LogLevel.Error, "Deadlock: {Circle}.")]
    public static partial void Deadlock(ILogger logger, string circle);

    [LoggerMessage(1106, LogLevel.Error, "{Worker} has ended, and what it had of an object that others share (kind {Kind}) could not be cleared up: they may wait for it. That is a defect of Kernmantle: please report it.")]
    public static partial void NotClearedUp(ILogger logger, Exception exception, string worker, byte kind);

    [LoggerMessage(1107, LogLevel.Error, "The end of {Worker} (pid {ProcessId}) could not be dealt with in order; its calls fail with it, as with any worker that dies. That is a defect of Kernmantle: please report it.")]
    public static partial void EndNotInOrder(ILogger logger, Exception exception, string worker, int processId);

    [LoggerMessage(1110, LogLevel.Warning, "{Text}")]
    public static partial void LastWords(ILogger logger, string text);
}
