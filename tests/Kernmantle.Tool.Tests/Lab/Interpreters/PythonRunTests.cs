using Kernmantle.Contracts.Requirements;
using Kernmantle.Tool.Lab.Gil;
using Kernmantle.Tool.Lab.Gil.Interpreters;

namespace Kernmantle.Tool.Tests.Lab.Interpreters;

/// <summary>A Python in each of its ways.</summary>
public sealed class PythonRunTests
{
    private static readonly string[] WithGreenlet = ["/usr/bin/python3", "pypy3"];

    [Fact]
    public async Task All_ways_do_their_units_and_microthreads_lose_what_they_read_before_a_switch()
    {
        string? name = Array.Find(WithGreenlet, static name => InstalledPrograms.Find(name) is not null && InstalledPrograms.HasModule(name, "greenlet"));
        if (name is null)
            Assert.Skip("No Python here has greenlet.");
        using LabModules modules = new();
        await using PythonRun run = await PythonRun.StartAsync(modules.Of(name), 2, CancellationToken.None);
        Assert.Equal([PythonWay.Threads, PythonWay.Processes, PythonWay.Asyncio, PythonWay.Microthreads], run.Places.Select(static place => place.Way));
        foreach (PythonPlace place in run.Places)
        {
            Assert.True(await place.RunAsync(2, 3, computing: true, CancellationToken.None) > 0, place.Name);
            Assert.True(await place.RunAsync(2, 3, computing: false, CancellationToken.None) > 0, place.Name);
        }
        InterpreterMeasured measured = await run.MeasureAsync(run.Places.ToDictionary(static place => place.Name, static _ => Made.Place(1, 2)), CancellationToken.None);
        Assert.Equal((0.99, 0), (measured.Microthreads!.LostBefore, measured.Microthreads.LostAfter));
        Assert.True(measured.Microthreads.Blocking.Min > 0);
        Assert.All((double[])[measured.Lost!.Plain.Min, measured.Lost.Plain.Max, measured.Lost.Called.Min, measured.Lost.Called.Max], static lost => Assert.InRange(lost, 0, 1));
        Assert.Empty(measured.Missing);
    }

    [Fact]
    public async Task Without_greenlet_the_way_is_missing_and_what_to_install_is_said()
    {
        using LabModules modules = new();
        await File.WriteAllTextAsync(Path.Combine(modules.Folder, "greenlet.py"), "raise ImportError('not here')\n");
        await using PythonRun run = await PythonRun.StartAsync(modules.Of(InstalledPrograms.Interpreter("python3")), 1, CancellationToken.None);
        Assert.Equal([PythonWay.Threads, PythonWay.Processes, PythonWay.Asyncio], run.Places.Select(static place => place.Way));
        InterpreterMeasured measured = await run.MeasureAsync(run.Places.ToDictionary(static place => place.Name, static _ => Made.Place(1, 2)), CancellationToken.None);
        Assert.Null(measured.Microthreads);
        Assert.Contains("python3-greenlet", measured.Missing[PythonWay.Microthreads], StringComparison.Ordinal);
    }
}
