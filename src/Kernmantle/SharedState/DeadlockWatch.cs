using Kernmantle.Logging.Events;
using Kernmantle.SharedBuffers;
using Microsoft.Extensions.Logging;

namespace Kernmantle.SharedState;

/// <summary>
/// Where locks were made: looks four times a second who owns them and who waits for them, and which threads wait for calls, for as long as there are locks, and tells of those that wait for each other. Owners and sleepers are
/// read one after the other while they change, so a circle counts only if it was there at the look before too: those that are in one stay in it. It is told once, and one of it is asked to give up at each look, since two
/// circles may ask by the same word. Thread-safe.
/// </summary>
internal static class DeadlockWatch
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(250);

    /// <summary>At one look: what workers write there may be anything.</summary>
    private const int MostTold = 4;

    private static readonly Lock Gate = new();
    private static readonly Dictionary<SharedBlock, StatePage> Locks = [];
    private static readonly Timer Clock = new(static _ => Look());
    private static HashSet<string> before = [];
    private static readonly HashSet<string> Told = [];

    /// <summary>The threads of this process that wait for calls; null while no worker has shared anything.</summary>
    public static Func<IEnumerable<CallWait>>? Callers { get; set; }

    public static void Add(SharedBlock block, StatePage page)
    {
        lock (Gate)
        {
            Locks.Add(block, page);
            if (Locks.Count == 1)
                Clock.Change(Period, Timeout.InfiniteTimeSpan);
        }
    }

    public static void Remove(SharedBlock block)
    {
        lock (Gate)
            Locks.Remove(block);
    }

    /// <summary>Those that there are now, each described.</summary>
    public static IReadOnlyList<string> Find()
    {
        Dictionary<string, List<Wait>> once = WaitCircles.Find(Waits());
        Dictionary<string, List<Wait>> twice = WaitCircles.Find(Waits());
        return [.. twice.Where(c => once.ContainsKey(c.Key)).Select(static c => Describe(c.Value))];
    }

    private static void Look()
    {
        Dictionary<string, List<Wait>> circles = WaitCircles.Find(Waits());
        List<List<Wait>> found = [], untold = [];
        lock (Gate)
        {
            Told.IntersectWith(circles.Keys);
            foreach ((string key, List<Wait> circle) in circles.Where(static c => before.Contains(c.Key)))
            {
                found.Add(circle);
                if (untold.Count < MostTold && Told.Add(key))   // those that stand since long take nobody's turn
                    untold.Add(circle);
            }
            before = [.. circles.Keys];
        }
        foreach (List<Wait> circle in untold)
            Tell(circle);
        foreach (List<Wait> circle in found)
            _ = circle.Any(static w => w.TryRefuse());
        lock (Gate)
        {
            if (Locks.Count > 0)
                Clock.Change(Period, Timeout.InfiniteTimeSpan);
        }
    }

    private static void Tell(List<Wait> circle)
    {
        string text = Describe(circle);
        foreach (ILogger log in circle.Select(static w => w.Log).OfType<ILogger>().Distinct())
            ProcessEvents.Deadlock(log, text);
    }

    private static string Describe(List<Wait> circle) => string.Join("; ", circle.Select(static w => w.Describe()));

    private static List<Wait> Waits()
    {
        KeyValuePair<SharedBlock, StatePage>[] locks;
        lock (Gate)
            locks = [.. Locks.Where(static l => l.Key.TryAddReference())];
        List<Wait> waits = [];
        foreach ((SharedBlock block, StatePage page) in locks)
        {
            waits.AddRange(page.Waits(block));
            block.Release();
        }
        if (Callers is { } callers && waits.Count > 0)
            waits.AddRange(callers());
        return waits;
    }
}
