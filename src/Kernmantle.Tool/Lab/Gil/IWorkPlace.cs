namespace Kernmantle.Tool.Lab.Gil;

/// <summary>A place in which units of work are spread over workers.</summary>
internal interface IWorkPlace
{
    string Name { get; }

    /// <summary>Gets it ready for so many workers: what starting costs is another experiment.</summary>
    Task PrepareAsync(int workers, CancellationToken cancellationToken);

    /// <returns>Seconds until all units were done.</returns>
    /// <param name="computing">Computing, or waiting.</param>
    Task<double> RunAsync(int workers, int units, bool computing, CancellationToken cancellationToken);
}
