using Kernmantle.Python;
using Kernmantle.Tool.Lab.Running;

namespace Kernmantle.Tool.Lab.Gil;

/// <summary>How Python's own ways to do several things at once are used.</summary>
internal enum PythonWay
{
    Threads,
    Asyncio,
    Processes,
}

/// <summary>One of Python's ways, in interpreters that this library starts.</summary>
internal sealed class PythonPlace : IWorkPlace
{
    private const string Module = "kern_lab";
    private readonly PythonWay way;
    private readonly Func<int, PythonPool> create;
    private readonly Dictionary<int, PythonPool> pools = [];

    public PythonPlace(string name, PythonWay way, Func<int, PythonPool> create) => (Name, this.way, this.create) = (name, way, create);

    public string Name { get; }

    /// <summary>Steps of computing in a unit; set before the first run.</summary>
    public long Steps { get; set; }

    /// <summary>Writes the module to where the pools look for it.</summary>
    public static void WriteModule(string folder)
    {
        using Stream resource = typeof(PythonPlace).Assembly.GetManifestResourceStream($"lab/{Module}.py")
            ?? throw new InvalidOperationException("The Python module is missing from this build.");
        using FileStream file = File.Create(Path.Combine(folder, Module + ".py"));
        resource.CopyTo(file);
    }

    public static Task<long> CalibrateAsync(PythonPool pool) => pool.CallAsync<long>($"{Module}:calibrate", Load.Wait.TotalSeconds);

    public async Task PrepareAsync(int workers, CancellationToken cancellationToken)
    {
        // Threads and tasks share one interpreter, whatever their number.
        int interpreters = way == PythonWay.Processes ? workers : 1;
        if (pools.ContainsKey(interpreters))
            return;
        pools[interpreters] = create(interpreters);
        await pools[interpreters].StartAsync(cancellationToken);
    }

    public Task<double> RunAsync(int workers, int units, bool computing, CancellationToken cancellationToken)
    {
        object amount = computing ? (object)Steps : Load.Wait.TotalSeconds;
        return way switch
        {
            PythonWay.Threads => pools[1].CallAsync<double>($"{Module}:threads", PythonArguments.Of(workers, units, computing, amount), cancellationToken: cancellationToken),
            PythonWay.Asyncio => pools[1].CallAsync<double>($"{Module}:tasks", PythonArguments.Of(workers, units, computing, amount), cancellationToken: cancellationToken),
            _ => Turns.TimeAsync(() => Task.WhenAll(Enumerable.Range(0, units).Select(_ =>
                pools[workers].CallAsync<object>($"{Module}:{(computing ? "compute" : "wait")}", PythonArguments.Of(amount), cancellationToken: cancellationToken)))),
        };
    }

    public async ValueTask DisposeAsync()
    {
        foreach (PythonPool pool in pools.Values)
            await pool.DisposeAsync();
    }
}
