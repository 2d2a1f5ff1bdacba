namespace Kernmantle;

/// <summary>
/// The function itself threw. The same type in every place (thread, process, inline), so that moving the function
/// changes no <c>catch</c>. The worker and the pool stay usable.
/// </summary>
public sealed class RemoteException : WorkerException
{
    /// <summary>Makes one by hand, for a test: the arguments are what the properties say.</summary>
    public RemoteException(string message, string typeName, string? remoteStackTrace = null, RemoteException? innerException = null, Exception? original = null)
        : base(message, innerException) => (TypeName, RemoteStackTrace, Original) = (typeName, remoteStackTrace, original);

    /// <summary>Full name of the type that was thrown.</summary>
    public string TypeName { get; }

    /// <summary>The stack trace as text, as it was where the exception was thrown.</summary>
    public string? RemoteStackTrace { get; }

    /// <summary>The exception object itself where the function ran in this process; null where it ran in another one.</summary>
    public Exception? Original { get; }

    internal override string ThrownType => TypeName;

    /// <inheritdoc/>
    public override string ToString() =>
        $"{base.ToString()}{Environment.NewLine}--- thrown in the worker as {TypeName} ---{Environment.NewLine}{RemoteStackTrace}";
}
