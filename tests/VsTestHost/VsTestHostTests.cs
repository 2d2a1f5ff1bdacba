using System.Reflection;
using Xunit;

namespace Kernmantle.Tests.VsTestHost;

public sealed class VsTestHostTests
{
    [Fact]
    public async Task A_call_runs_in_a_worker_process()
    {
        Assert.Equal("testhost", Assembly.GetEntryAssembly()!.GetName().Name);
        await using WorkerPool pool = WorkerPool.Processes(1);
        Assert.NotEqual(Environment.ProcessId, await pool.RunAsync(static () => Environment.ProcessId));
    }
}
