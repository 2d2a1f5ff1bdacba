namespace Kernmantle.Diagnostics;

/// <summary>What is taken from a worker before it is killed. Immutable.</summary>
public sealed record WorkerDiagnosticsOptions
{
    /// <summary>The longest that a kill is put off, 500 ms by default; more than zero.</summary>
    public TimeSpan Budget { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// A folder for dump files, which are written within the budget too; null for none. A dump holds what the worker had in memory, secrets included.
    /// </summary>
    public string? DumpFolder { get; init; }

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(Budget, TimeSpan.Zero, nameof(Budget));
        if (DumpFolder is not null && !Directory.Exists(DumpFolder))
            throw new DirectoryNotFoundException($"The folder for dumps does not exist: {DumpFolder}");
    }
}
