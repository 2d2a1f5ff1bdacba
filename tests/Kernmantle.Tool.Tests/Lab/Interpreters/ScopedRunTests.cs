using Kernmantle.Tool.Lab.Gil;
using Kernmantle.Tool.Lab.Gil.Interpreters;
using Kernmantle.Tool.Lab.Running;

namespace Kernmantle.Tool.Tests.Lab.Interpreters;

/// <summary>The places of a Python within .NET, with an engine that stands in for IronPython's.</summary>
public sealed class ScopedRunTests
{
    [Fact]
    public async Task Threads_with_either_collector_and_processes_do_their_units()
    {
        await using ScopedRun<StandIn> run = await ScopedRun<StandIn>.StartAsync("here", 2, null, CancellationToken.None);
        Assert.Equal(["ironpython, server collector, threads", "ironpython, workstation collector, threads", "ironpython processes"], run.Places.Select(static place => place.Name));
        foreach (IWorkPlace place in run.Places)
        {
            Assert.True(await place.RunAsync(2, 3, computing: true, CancellationToken.None) > 0, place.Name);
            Assert.True(await place.RunAsync(2, 3, computing: false, CancellationToken.None) > 0, place.Name);
        }
        IReadOnlyList<InterpreterMeasured> rows = await run.MeasureAsync(run.Places.ToDictionary(static place => place.Name, static _ => Made.Place(1.9, 2)), CancellationToken.None);
        Assert.Equal(["ironpython 1.2.3, server collector", "ironpython 1.2.3, workstation collector"], rows.Select(static row => row.Name));
        Assert.Equal((0.5, 0.25), (rows[1].Lost!.Plain.Median, rows[1].Lost!.Called.Median));
        Assert.False(rows[0].Python.HasGlobalLock);
    }

    [Fact]
    public async Task A_folder_without_the_assemblies_is_told()
    {
        var failure = await Assert.ThrowsAsync<RemoteException>(() => ScopedRun<IronPythonEngine>.StartAsync("/nowhere", 1, null, CancellationToken.None));
        Assert.Equal("there is no IronPython.dll in '/nowhere', which IRONPYTHON_DLLS names", UnavailableException.ReasonOf(failure));
    }

    /// <summary>Its work is little, and its counts lose a half, and a quarter.</summary>
    private sealed class StandIn : IScopeEngine<StandIn>
    {
        public string Version => "1.2.3";

        public static StandIn Start(string folder) => folder == "here" ? new() : throw new UnavailableException(folder);

        public object Open(string source) => source.Contains("def compute", StringComparison.Ordinal) || source.Contains("import", StringComparison.Ordinal)
            ? new Counts() : throw new ArgumentException("Not the lab's code.", nameof(source));

        public TDelegate Function<TDelegate>(object scope, string name)
            where TDelegate : Delegate => (TDelegate)((Counts)scope).Function(name);

        private sealed class Counts
        {
            private readonly Lock gate = new();
            private double total;

            public Delegate Function(string name) => name switch
            {
                "compute" => (Func<int, object?>)(static steps => Load.Compute(steps)),
                "sleep" => (Func<double, object?>)(static _ => null),
                "count" => (Func<int, object?>)(times => Add(times * 0.5)),
                "count_called" => (Func<int, object?>)(times => Add(times * 0.75)),
                "taken" => (Func<object?>)(() => Interlocked.Exchange(ref total, 0)),
                _ => throw new ArgumentException($"There is no {name}.", nameof(name)),
            };

            private object? Add(double count)
            {
                lock (gate)
                    total += count;
                return null;
            }
        }
    }
}
