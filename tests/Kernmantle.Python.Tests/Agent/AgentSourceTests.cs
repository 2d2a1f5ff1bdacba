using Kernmantle.Python.Agent;

namespace Kernmantle.Python.Tests.Agent;

/// <summary>What a worker's interpreter is sent.</summary>
public sealed class AgentSourceTests
{
    [Fact]
    public void It_leaves_room_in_the_socket_for_what_follows_before_the_interpreter_reads()
    {
        AgentSource[] all = [AgentSource.Python3, AgentSource.Python3Threads, AgentSource.Python3Microthreads, AgentSource.Jython];
        Assert.All(all, static agent => Assert.InRange(agent.Text.Length, 1, 160 << 10));
    }
}
