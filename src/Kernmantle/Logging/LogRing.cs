using Microsoft.Extensions.Logging;

namespace Kernmantle.Logging;

/// <summary>
/// The latest records of all pools and their workers, for whoever looks into this program while it runs. There is one while that is switched on, and none else: then a record costs one
/// look at <see cref="Current"/>. Thread-safe.
/// </summary>
internal sealed class LogRing
{
    /// <summary>So many are kept, each cut to <see cref="MaxText"/> characters: some megabytes at the very most.</summary>
    public const int Capacity = 2000;
    public const int MaxText = 4000;

    private static volatile LogRing? current;

    private readonly Lock gate = new();
    private readonly Kept[] records = new Kept[Capacity];
    private long last;

    /// <summary>Null while nobody wants to know.</summary>
    public static LogRing? Current
    {
        get => current;
        set => current = value;
    }

    /// <param name="level">Of the record.</param>
    /// <param name="time">When it was written, UTC.</param>
    /// <param name="category">Names the pool, where it is one of <see cref="LogCategories"/>.</param>
    /// <param name="pool">The pool; null for that of the category.</param>
    /// <param name="worker">The worker that wrote it, or of which it tells; null for none.</param>
    /// <param name="eventId">0 for none.</param>
    /// <param name="text">The message, and what is below it.</param>
    public void Add(LogLevel level, DateTime time, string category, string? pool, string? worker, int eventId, string text)
    {
        if (text.Length > MaxText)
            text = text[..MaxText];
        lock (gate)
            records[(int)(++last % Capacity)] = new(last, level, time, category, pool ?? LogCategories.PoolIn(category), worker, eventId, text);
    }

    /// <summary>Those after the one with that number, oldest first.</summary>
    public IReadOnlyList<Kept> After(long number)
    {
        lock (gate)
        {
            long first = Math.Max(Math.Max(number, 0) + 1, last - Capacity + 1);
            var after = new List<Kept>((int)Math.Max(0, last - first + 1));
            for (long i = Math.Max(first, 1); i <= last; i++)
                after.Add(records[(int)(i % Capacity)]);
            return after;
        }
    }

    /// <summary>A record, with its number: from 1, in the order in which they were taken.</summary>
    internal readonly record struct Kept(long Number, LogLevel Level, DateTime Time, string Category, string? Pool, string? Worker, int EventId, string Text);
}
