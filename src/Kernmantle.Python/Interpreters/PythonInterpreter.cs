namespace Kernmantle.Python;

/// <summary>What a worker says of its interpreter. Immutable.</summary>
public sealed class PythonInterpreter
{
    internal PythonInterpreter(string executable, Version version, string implementation, bool hasGlobalLock) =>
        (Executable, Version, Implementation, HasGlobalLock) = (executable, version, implementation, hasGlobalLock);

    /// <summary>Its path.</summary>
    public string Executable { get; }

    /// <summary>Its version, as <c>3.11.7</c>.</summary>
    public Version Version { get; }

    /// <summary>Its name, as <c>cpython</c> or <c>pypy</c>.</summary>
    public string Implementation { get; }

    /// <summary>Only one of its threads runs Python code at a time. False in free-threaded builds.</summary>
    public bool HasGlobalLock { get; }

    /// <summary>What it is, and where: for logs and messages.</summary>
    public override string ToString() => $"{Implementation} {Version} ({Executable})";
}
