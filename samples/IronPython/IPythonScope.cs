namespace IronPythonSample;

/// <summary>
/// A namespace of Python: all that this program wants of an engine. An object of its kind lives in a worker (<c>Remote&lt;IPythonScope&gt;</c>), so that what
/// its source defines lasts as long as that worker. Several threads may call it at once; what the called functions share is theirs to guard.
/// </summary>
internal interface IPythonScope
{
    /// <summary>Runs source text: statements, whose names stay.</summary>
    void Run(string source);

    /// <summary>Calls a function that the source has defined. What it returns is a .NET object: Python's own, or one that was handed in.</summary>
    object? Call(string function, params object?[] arguments);
}
