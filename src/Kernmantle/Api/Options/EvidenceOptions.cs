namespace Kernmantle;

/// <summary>
/// What is taken from a worker process before it is killed for a timeout, where the package <c>Kernmantle.Diagnostics</c> is there to take it.
/// Immutable.
/// </summary>
public sealed class EvidenceOptions
{
    /// <summary>The longest that a kill is put off, from 10 ms to 60 s.</summary>
    public TimeSpan Budget { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>The managed stacks of all threads, as <see cref="CallTimeoutException.Stacks"/>. Takes 15 to 30 ms on a machine that is not busy.</summary>
    public bool Stacks { get; init; } = true;

    /// <summary>
    /// A folder for dump files, as <see cref="CallTimeoutException.DumpFile"/>; null for none. A dump takes 500 ms and more, so raise
    /// <see cref="Budget"/>. It holds what the worker had in memory, secrets included, and is readable by this user only.
    /// </summary>
    public string? DumpFolder { get; init; }

    internal void Validate()
    {
        if (Budget < TimeSpan.FromMilliseconds(10) || Budget > TimeSpan.FromMinutes(1))
            throw new ArgumentOutOfRangeException(nameof(Budget), Budget, "From 10 ms to 60 s are possible.");
        if (DumpFolder is not null && !Directory.Exists(DumpFolder))
            throw new DirectoryNotFoundException($"The folder for dumps does not exist: {DumpFolder}");
        if (DumpFolder is not null && Kernmantle.Host.Death.EvidenceSource.Installed is null)
            throw new InvalidOperationException("A dump is written by the package Kernmantle.Diagnostics, which is not there. Reference it, or leave DumpFolder out.");
    }
}
