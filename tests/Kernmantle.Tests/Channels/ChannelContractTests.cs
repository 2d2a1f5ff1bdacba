using Kernmantle.Contracts.Channels;

namespace Kernmantle.Tests.Channels;

public sealed class SharedMemoryInThreadsTests() : ChannelContract(ChannelTransport.SharedMemory, PoolWorkers.Threads);

public sealed class SharedMemoryInProcessesTests() : ChannelContract(ChannelTransport.SharedMemory, PoolWorkers.Processes);

public sealed class PipeInThreadsTests() : ChannelContract(ChannelTransport.Pipe, PoolWorkers.Threads);

public sealed class PipeInProcessesTests() : ChannelContract(ChannelTransport.Pipe, PoolWorkers.Processes);

public sealed class UnixSocketInThreadsTests() : ChannelContract(ChannelTransport.UnixSocket, PoolWorkers.Threads);

public sealed class UnixSocketInProcessesTests() : ChannelContract(ChannelTransport.UnixSocket, PoolWorkers.Processes);

public sealed class FileInThreadsTests() : ChannelContract(ChannelTransport.File, PoolWorkers.Threads);

public sealed class FileInProcessesTests() : ChannelContract(ChannelTransport.File, PoolWorkers.Processes);
