namespace Kernmantle.Logging;

/// <summary>The categories of records, one for each pool, so that one pool's can be filtered: docs/logging.md.</summary>
internal static class LogCategories
{
    /// <summary>What functions log through their <see cref="WorkerContext"/>, and what a worker process says of itself.</summary>
    public const string Worker = "Kernmantle.Worker";

    /// <summary>What the host says of pools and of the lives of their workers.</summary>
    public const string Pool = "Kernmantle.Pool";

    /// <summary>Failures of calls that nobody observed and that belong to no pool.</summary>
    public const string Unobserved = "Kernmantle.Unobserved";

    /// <summary>What a worker writes to its standard output.</summary>
    public const string ConsoleOut = "Console.Out";

    /// <summary>What it writes to its standard error.</summary>
    public const string ConsoleError = "Console.Error";

    public static string OfPool(string name) => $"{Pool}.{name}";

    public static string OfWorkersOf(string pool) => $"{Worker}.{pool}";

    /// <summary>The pool that a category belongs to; null for none.</summary>
    public static string? PoolIn(string category) =>
        category.StartsWith($"{Pool}.", StringComparison.Ordinal) ? category[(Pool.Length + 1)..]
        : category.StartsWith($"{Worker}.", StringComparison.Ordinal) ? category[(Worker.Length + 1)..]
        : null;
}
