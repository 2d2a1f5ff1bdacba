using Kernmantle.Python.Interpreters;
using Kernmantle.Python.Memory;
using Microsoft.Extensions.Logging;

namespace Kernmantle.Python.Workers;

/// <summary>What all connections of one pool share.</summary>
internal sealed record PythonSettings(PythonPoolOptions Options, FoundInterpreter Interpreter, ILogger Log, MemoryPool Memory, Action<PythonInterpreter> OnInterpreter);
