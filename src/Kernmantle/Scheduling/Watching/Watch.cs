namespace Kernmantle.Scheduling.Watching;

/// <summary>
/// Whether anybody wants to see what this program's pools do, and which pools there are. While nobody does, a call costs one look at a flag. Thread-safe.
/// </summary>
internal static class Watch
{
    private static readonly Lock Gate = new();
    private static readonly List<WeakReference<Scheduler>> Known = [];
    private static volatile bool isOn;
    private static volatile bool seesCalls;
    private static int lastNumber;
    private static int switched;
    private static int lookers;
    private static int pruneAt = 16;

    /// <summary>It is switched on: deaths and the log are kept, and the calls of each worker counted.</summary>
    public static bool IsOn => isOn;

    /// <summary>Somebody looks at this moment: calls are timed, by function.</summary>
    public static bool SeesCalls => seesCalls;

    /// <summary>Takes a new pool into the list. Returns its number, unique in this process.</summary>
    public static int Add(Scheduler pool)
    {
        lock (Gate)
        {
            if (Known.Count >= pruneAt)
            {
                Known.RemoveAll(static known => !known.TryGetTarget(out _));   // those that nobody disposed of
                pruneAt = Math.Max(16, 2 * Known.Count);
            }
            Known.Add(new(pool));
            return ++lastNumber;
        }
    }

    /// <summary>Nothing is left of it.</summary>
    public static void Remove(Scheduler pool)
    {
        lock (Gate)
            Known.RemoveAll(known => !known.TryGetTarget(out Scheduler? each) || each == pool);
    }

    /// <summary>In the order in which they were made.</summary>
    public static IReadOnlyList<Scheduler> Pools
    {
        get
        {
            lock (Gate)
                return [.. Known.Select(static known => known.TryGetTarget(out Scheduler? pool) ? pool : null).OfType<Scheduler>()];
        }
    }

    /// <summary>One more who wants it on, or one less.</summary>
    public static void Switch(bool on)
    {
        lock (Gate)
        {
            bool before = switched > 0;
            switched += on ? 1 : -1;
            if (before == (isOn = switched > 0))
                return;
            Logging.LogRing.Current = isOn ? new() : null;
            Deaths.Clear();
        }
    }

    /// <summary>One more who looks, or one less.</summary>
    public static void Look(bool begins)
    {
        lock (Gate)
        {
            lookers += begins ? 1 : -1;
            seesCalls = lookers > 0;
        }
    }
}
