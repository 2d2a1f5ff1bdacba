namespace Kernmantle.Tests.Inspection;

/// <summary>
/// Whether the inspection is on is one thing for the whole process, and so are the deaths that it keeps, which a test of many deaths beside these would drive out: these tests run one after the other, and alone.
/// </summary>
[CollectionDefinition(DisableParallelization = true)]
public sealed class Inspected;

/// <summary>What tests of the inspection have in common: a call that can be held, and waiting for what a snapshot is to say.</summary>
[Collection(typeof(Inspected))]
public abstract class InspectionTests : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(1);

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("kernmantle-inspection-");

    /// <summary>No other test has a pool of that name.</summary>
    protected string Name { get; } = $"inspected-{Guid.NewGuid():N}"[..20];

    protected Inspector Inspector { get; } = Inspector.SwitchOn();

    /// <summary>Where a held call says that it runs, and where it looks whether it may end.</summary>
    protected string Gate => Path.Combine(folder.FullName, "gate");

    public void Dispose()
    {
        Inspector.Dispose();
        folder.Delete(recursive: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Runs until <see cref="Release"/>, or until it is cancelled.</summary>
    protected static async Task<int> HoldAsync(string gate, CancellationToken token)
    {
        await File.WriteAllTextAsync($"{gate}.reached", "", token);
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (!File.Exists(gate))
            await tick.WaitForNextTickAsync(token);
        return Environment.ProcessId;
    }

    protected void Release() => File.WriteAllText(Gate, "");

    protected Task IsHeldAsync() => Until(() => File.Exists($"{Gate}.reached"), "the call is held");

    protected PoolSnapshot Pool => Inspector.Take().Pools.Single(pool => pool.Name == Name);

    protected WorkerSnapshot Worker => Pool.Workers.Single();

    protected static Task Until(Func<bool> condition, string what) => Contracts.Waiting.Until(condition, what, Deadline);
}
