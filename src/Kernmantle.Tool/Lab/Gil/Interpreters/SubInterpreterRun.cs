using Kernmantle.Python;

namespace Kernmantle.Tool.Lab.Gil.Interpreters;

/// <summary>The sub-interpreters of one CPython, each with a global lock of its own, where it has such.</summary>
internal sealed class SubInterpreterRun : IAsyncDisposable
{
    private readonly PythonPools pools;
    private SubInterpreterCost cost = new(0, 0);

    private SubInterpreterRun(PythonPools pools) => this.pools = pools;

    public PythonSeen Python { get; private set; } = new("", "", HasGlobalLock: true);

    /// <summary>Why there is nothing to measure; null if there is.</summary>
    public string? Lacking { get; private set; }

    public PythonPlace? Place { get; private set; }

    /// <summary>One worker, which has them all.</summary>
    public PythonPool Pool { get; private set; } = null!;

    /// <exception cref="PythonNotFoundException">There is no such Python.</exception>
    /// <exception cref="WorkerException">It does not start, or died of them.</exception>
    public static async Task<SubInterpreterRun> StartAsync(PythonSource source, int count, CancellationToken cancellationToken)
    {
        SubInterpreterRun run = new(new(source));
        try
        {
            await run.PrepareAsync(count, cancellationToken);
            return run;
        }
        catch
        {
            await run.DisposeAsync();
            throw;
        }
    }

    /// <param name="runs">Measured at <see cref="Place"/>.</param>
    public InterpreterMeasured Measured(PlaceRuns runs) =>
        new(pools.Source.Id, Python, new Dictionary<PythonWay, PlaceRuns> { [PythonWay.SubInterpreters] = runs }, new Dictionary<PythonWay, string>())  { SubInterpreters = cost, Variant = PythonWay.SubInterpreters.Text() };

    public ValueTask DisposeAsync() => pools.DisposeAsync();

    private async Task PrepareAsync(int count, CancellationToken cancellationToken)
    {
        Pool = pools.Add(1, PythonWay.SubInterpreters);
        PythonInterpreter found = await Pool.GetInterpreterAsync(cancellationToken);
        Python = PythonSeen.Of(found);
        Lacking = found.HasThreadPerCall ? "it has none" : await Pool.CallAsync<string?>("kern_lab_subinterpreters:lacking", PythonArguments.None, cancellationToken: cancellationToken);
        if (Lacking is not null)
            return;
        long steps = await pools.CalibrateAsync(cancellationToken);
        (double seconds, double bytes) = await Pool.CallAsync<(double, double)>("kern_lab_subinterpreters:prepare", PythonArguments.Of(count), cancellationToken: cancellationToken);
        cost = new(seconds, bytes);
        Place = new($"{pools.Source.Id} {PythonWay.SubInterpreters.Text()}", PythonWay.SubInterpreters, Pool, steps);
    }
}
