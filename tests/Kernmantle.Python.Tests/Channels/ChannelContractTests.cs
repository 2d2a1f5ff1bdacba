using Kernmantle.Contracts.Channels;
using Kernmantle.Python.Tests.Interpreters;

namespace Kernmantle.Python.Tests.Channels;

[Interpreter("python3")]
public sealed class SharedMemoryInPythonTests() : ChannelContract(ChannelTransport.SharedMemory, PythonWorkers.Start);

[Interpreter("python3")]
public sealed class PipeInPythonTests() : ChannelContract(ChannelTransport.Pipe, PythonWorkers.Start);

[Interpreter("python3")]
public sealed class UnixSocketInPythonTests() : ChannelContract(ChannelTransport.UnixSocket, PythonWorkers.Start);

[Interpreter("python3")]
public sealed class FileInPythonTests() : ChannelContract(ChannelTransport.File, PythonWorkers.Start);
