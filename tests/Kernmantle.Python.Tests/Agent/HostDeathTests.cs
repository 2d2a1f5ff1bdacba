using System.Diagnostics;
using System.Globalization;
using Kernmantle.Python.Tests.Interpreters;
using Kernmantle.Python.Tests.Pools;

namespace Kernmantle.Python.Tests.Agent;

/// <summary>Workers end with their host, whatever they compute.</summary>
public class HostDeathTests : PythonTests
{
    [Theory]
    [InlineData("kmtests:tell_of_child_and_sleep", 4)]
    [InlineData("kmtests:tell_and_spin")]
    [InlineData("kmtests:tell_and_hold_lock")]
    [InlineData("kmtests:tell_and_sleep")]
    [InlineData("kmtests:tell_and_wait", Traits = [NeedsAttribute.Trait, "asyncio"])]
    public async Task No_worker_survives_its_host(string function, int processes = 2)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "PythonProbe"), [Executable, Modules, function]) { RedirectStandardOutput = true };
        using Process host = Process.Start(start)!;
        string? line = await host.StandardOutput.ReadLineAsync().WaitAsync(Deadline);
        int[] workers = [.. line!.Split(' ').Select(static pid => int.Parse(pid, CultureInfo.InvariantCulture))];
        Assert.Equal(processes, workers.Length);
        Assert.All(workers, static pid => Assert.True(IsAlive(pid)));
        host.Kill();
        await Until(() => !Array.Exists(workers, IsAlive), "both workers have ended");
    }
}

/// <summary>The same on PyPy.</summary>
[SecondStage]
[Interpreter("pypy3")]
public sealed class PyPyHostDeathTests : HostDeathTests;

/// <summary>The same on Jython, where no signal comes: a thread waits for the host's end.</summary>
[SecondStage]
[Interpreter("jython")]
[Lacks("asyncio")]
public sealed class JythonHostDeathTests : HostDeathTests;
