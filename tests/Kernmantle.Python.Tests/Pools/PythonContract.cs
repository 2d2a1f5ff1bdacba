using Kernmantle.Python.Tests.Interpreters;

namespace Kernmantle.Python.Tests.Pools;

/// <summary>
/// What a pool of interpreters promises: the mirror of the contract of all other pools, and what is Python's own. Each interpreter inherits the whole.
/// </summary>
public abstract partial class PythonContract : PythonTests;

/// <summary>The interpreter that is chosen where nothing is said.</summary>
public sealed class DefaultPythonTests : PythonContract;

/// <summary>The system's own, where PATH names another one.</summary>
[Interpreter("/usr/bin/python3", OtherThan = "python3")]
public sealed class DebianPythonTests : PythonContract;

/// <summary>No reference counts, and another compiler.</summary>
[Interpreter("pypy3")]
public sealed class PyPyTests : PythonContract;
