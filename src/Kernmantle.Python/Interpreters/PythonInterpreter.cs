namespace Kernmantle.Python;

/// <summary>What a worker says of its interpreter. Immutable.</summary>
public sealed class PythonInterpreter
{
    internal PythonInterpreter(string executable, Version version, string implementation, bool hasGlobalLock, bool hasThreadPerCall) =>
        (Executable, Version, Implementation, HasGlobalLock, HasThreadPerCall) = (executable, version, implementation, hasGlobalLock, hasThreadPerCall);

    /// <summary>Its path.</summary>
    public string Executable { get; }

    /// <summary>Its version, as <c>3.11.7</c>.</summary>
    public Version Version { get; }

    /// <summary>Its name, as <c>cpython</c>, <c>pypy</c> or <c>jython</c>.</summary>
    public string Implementation { get; }

    /// <summary>Only one of its threads runs Python code at a time. False in free-threaded builds and in Jython.</summary>
    public bool HasGlobalLock { get; }

    /// <summary>
    /// Each call has a thread of its own, beside the others of its worker, no more of them than <see cref="PythonPoolOptions.MaxConcurrency"/>: with <see cref="PythonPoolOptions.Threads"/>, and on Jython. False: a
    /// worker runs one function at a time, and coroutines beside each other.
    /// </summary>
    public bool HasThreadPerCall { get; }

    /// <summary>What it is, and where: for logs and messages.</summary>
    public override string ToString() => $"{Implementation} {Version} ({Executable})";
}
