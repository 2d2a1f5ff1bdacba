namespace Kernmantle.Python;

/// <summary>What a worker says of its interpreter. Immutable.</summary>
/// <param name="Executable">Its path.</param>
/// <param name="Version">Its version, as <c>3.11.7</c>.</param>
/// <param name="Implementation">Its name, as <c>cpython</c> or <c>pypy</c>.</param>
/// <param name="HasGlobalLock">Only one of its threads runs Python code at a time. False in free-threaded builds.</param>
public sealed record PythonInterpreter(string Executable, Version Version, string Implementation, bool HasGlobalLock);
