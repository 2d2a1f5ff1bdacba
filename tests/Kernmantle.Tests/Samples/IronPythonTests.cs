using IronPythonSample;
using Kernmantle.Tests.Hosting;

namespace Kernmantle.Tests.Samples;

/// <summary>The files of samples/IronPython, in worker processes, with a stand-in for IronPython, which this solution does not have.</summary>
public sealed class IronPythonTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(1);

    private static string Source => File.ReadAllText(Path.Combine(Programs.Root, "samples", "IronPython", "work.py"));

    [Fact]
    public async Task Values_cross_a_scope_remembers_and_an_endless_script_costs_a_worker()
    {
        List<string> lines = [];
        await foreach (string line in Calls.ShowAsync<StandInScope>(Source, limit: TimeSpan.FromSeconds(1)))
            lines.AddRange(line.Split('\n'));
        IronPythonLines.AssertCalls(lines);
    }

    [Fact]
    public async Task Threads_and_processes_are_compared_with_either_collector()
    {
        List<string> lines = [];
        await foreach (Measured measured in Comparison.RunAsync<StandInScope>(Source, new Dictionary<string, int> { ["count_primes"] = 300, ["count_words"] = 1000, ["fibonacci"] = 10 }))
            lines.Add(measured.ToString());
        IronPythonLines.AssertFigures(lines);
    }

    /// <summary>Neither call ends before both have begun.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Two_threads_of_one_worker_are_in_their_functions_at_once(int other)
    {
        await using WorkerPool pool = WorkerPool.Processes(1);
        await using Remote<IPythonScope[]> scopes = await pool.CreateAsync(
            static source => new[] { PythonScopes.Open<StandInScope>(source), PythonScopes.Open<StandInScope>(source) }, "def meet(deadline):\n    pass\n", cancellationToken: TestContext.Current.CancellationToken);
        bool[] met = await scopes.CallAsync(
            static (scopes, other, deadline) => PythonScopes.CallOnTwoThreads(scopes[0], scopes[other], "meet", deadline).Select(static met => (bool)met!).ToArray(),
            other, Deadline, TestContext.Current.CancellationToken);
        Assert.Equal([true, true], met);
    }
}
