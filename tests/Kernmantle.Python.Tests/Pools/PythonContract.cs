namespace Kernmantle.Python.Tests.Pools;

/// <summary>
/// What a pool of interpreters promises: the mirror of the contract of all other pools, and what is Python's own. Each interpreter inherits the whole.
/// </summary>
public abstract partial class PythonContract : PythonTests;

/// <summary>The interpreter that is chosen where nothing is said.</summary>
public sealed class DefaultPythonTests : PythonContract;

/// <summary>The system's own, with numpy.</summary>
public sealed class DebianPythonTests : PythonContract
{
    protected override string Interpreter => "/usr/bin/python3";
}

/// <summary>No reference counts, and another compiler.</summary>
public sealed class PyPyTests : PythonContract
{
    protected override string Interpreter => "pypy3";
}
