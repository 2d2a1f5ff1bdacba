using Kernmantle.Platform.Linux;
using Microsoft.Extensions.Logging;

namespace Kernmantle;

/// <summary>
/// Base of every typed failure of a worker or call. Each derived type documents what is still usable afterwards.
/// The platform's own exceptions (<see cref="OperationCanceledException"/>, <see cref="ObjectDisposedException"/>,
/// <see cref="ArgumentException"/>) stay themselves.
/// </summary>
/// <remarks>
/// Each has a public constructor, so that tests of what handles it can make one; <see cref="InlinePoolOptions.FailureGenerator"/> has the calls of a
/// pool end with it.
/// </remarks>
public abstract class WorkerException : Exception
{
    private protected WorkerException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }

    /// <summary>The name of the worker the failure belongs to, if it had reached one.</summary>
    public string? WorkerName { get; internal set; }

    /// <summary>The name of the call that failed, if it belongs to one.</summary>
    public string? CallName { get; internal set; }

    /// <summary>The function itself failed; its worker did not.</summary>
    internal bool IsFromFunction => ThrownType is not null;

    /// <summary>The name of the type that the function threw, in its language; null where it did not.</summary>
    internal virtual string? ThrownType => null;

    /// <summary>How the process of its worker ended, where that is its cause.</summary>
    internal ProcessEnd? ProcessEnd { get; set; }

    /// <summary>Where to log that nobody observed this failure; null for the default.</summary>
    internal ILogger? Origin { get; set; }
}
