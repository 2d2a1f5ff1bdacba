using Kernmantle.Logging;
using Microsoft.Extensions.Logging;

namespace Kernmantle;

/// <summary>Where log records go when a pool or worker is given no factory of its own. Thread-safe.</summary>
public static class KernmantleLog
{
    /// <summary>Null until somebody sets or needs one: a worker never needs the one that is made then.</summary>
    private static ILoggerFactory? factory;

    /// <summary>
    /// The factory used by pools and workers without one. At first it writes <c>HH:mm:ss: message</c> to standard error, from
    /// <see cref="LogLevel.Information"/> on; of what pools say of their workers (<c>Kernmantle.Pool</c>), from <see cref="LogLevel.Warning"/> on. Inside a worker process it forwards to the host.
    /// </summary>
    /// <exception cref="ArgumentNullException">The value is null.</exception>
    public static ILoggerFactory DefaultFactory
    {
        get => Volatile.Read(ref factory) ?? First();
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            Volatile.Write(ref factory, value);
        }
    }

    private static ILoggerFactory First()
    {
        var made = new LineLoggerFactory(null, includeScopes: false, LogLevel.Information, TimeProvider.System, leavesOutLives: true);
        return Interlocked.CompareExchange(ref factory, made, null) ?? made;
    }

    /// <summary>
    /// Creates a factory that writes whole lines of the form <c>HH:mm:ss: message</c>, in local time, exceptions below. No line
    /// mixes with another, whatever threads write.
    /// </summary>
    /// <param name="writer">Where the lines go; null for standard error, as it is at the time of each record. Not disposed of.</param>
    /// <param name="includeScopes">Appends to records of workers which one it was: <c> (worker First, pid 123, tid 456)</c>.</param>
    /// <param name="minimum">The least level that is written.</param>
    /// <param name="timeProvider">The clock and time zone; null for the system's. Records from a worker process carry the time at which they were written there.</param>
    public static ILoggerFactory CreateConsole(TextWriter? writer = null, bool includeScopes = false, LogLevel minimum = LogLevel.Information, TimeProvider? timeProvider = null) =>
        new LineLoggerFactory(writer, includeScopes, minimum, timeProvider ?? TimeProvider.System);
}
