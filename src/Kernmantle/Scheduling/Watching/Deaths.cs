namespace Kernmantle.Scheduling.Watching;

/// <summary>
/// The last ends of workers that nobody had planned, in the order in which they came, of all pools: one whose workers die again and again drives out its own. Kept while <see cref="Watch.IsOn"/>. Thread-safe.
/// </summary>
internal static class Deaths
{
    public const int Capacity = 50;

    /// <summary>So many of a worker's last lines are kept, each cut to so many characters.</summary>
    private const int MaxLines = 20, MaxLine = 500;

    private const int MaxText = 64 << 10;

    private static readonly Lock Gate = new();
    private static readonly List<Death> Kept = [];

    /// <summary>Oldest first.</summary>
    public static IReadOnlyList<Death> All
    {
        get
        {
            lock (Gate)
                return [.. Kept];
        }
    }

    /// <param name="death">The death, without what the failure says of it.</param>
    /// <param name="failure">Says why; null for an end that has none.</param>
    public static void Add(Death death, Exception? failure)
    {
        var crash = failure as WorkerCrashedException;
        death = death with
        {
            ExitCode = (failure as WorkerException)?.ProcessEnd?.ExitCode,
            Signal = (failure as WorkerException)?.ProcessEnd?.Signal,
            Message = failure?.Message ?? death.Message,
            Stacks = Cut((failure as CallTimeoutException)?.Stacks, MaxText),
            LastLogLines = crash is null ? [] : [.. crash.LastLogLines.TakeLast(MaxLines).Select(static line => Cut(line, MaxLine)!)],
            LikelyCauses = crash?.LikelyCauses ?? [],
        };
        lock (Gate)
        {
            if (Kept.Count == Capacity)
                DropOne();
            Kept.Add(death);
        }
    }

    public static void Clear()
    {
        lock (Gate)
            Kept.Clear();
    }

    /// <summary>The oldest of the pool that has the most.</summary>
    private static void DropOne()
    {
        int crowding = Kept.CountBy(static death => death.PoolNumber).MaxBy(static pool => pool.Value).Key;
        Kept.RemoveAt(Kept.FindIndex(death => death.PoolNumber == crowding));
    }

    private static string? Cut(string? text, int most) => text?.Length > most ? text[..most] : text;
}

/// <summary>The end of a worker, and what is known of it.</summary>
internal sealed record Death(DateTimeOffset At, int PoolNumber, string Pool, string Worker, int? ProcessId, string Reason, string Message, string? Call, double? RanMilliseconds)
{
    public int? ExitCode { get; init; }

    public int? Signal { get; init; }

    public string? Stacks { get; init; }

    public IReadOnlyList<string> LastLogLines { get; init; } = [];

    public IReadOnlyList<string> LikelyCauses { get; init; } = [];
}
