namespace Kernmantle.Scheduling.Objects;

/// <summary>
/// Which worker's call waits for which worker, in all pools of this process: those that calls on objects are made from and go to. Since a worker runs one call at a time, a circle of
/// them can never end by itself; whoever would close one is told instead. Thread-safe.
/// </summary>
internal static class CallCircles
{
    private static readonly Lock Gate = new();
    private static readonly Dictionary<Server, List<CallWait>> Waits = [];
    private static int count;

    /// <summary>A call there waits for another one, until that is disposed of.</summary>
    /// <exception cref="DeadlockException">It would never end.</exception>
    public static CallWait Enter(Server from, Server to, string waiter, string wanted)
    {
        var wait = new CallWait(from, to, $"{waiter} waits for {wanted}");
        if (from.IsNone || to.IsNone)
            return wait;
        lock (Gate)
        {
            if (PathFrom(to, from, []) is { } path)
                throw new DeadlockException($"Calls wait for each other in a circle, which would never end: {string.Join("; ", path.Prepend(wait).Select(static w => w.Text))}. Have objects that others call in a pool of their own, or call in one direction.");
            if (!Waits.TryGetValue(from, out List<CallWait>? waits))
                Waits.Add(from, waits = []);
            waits.Add(wait);
            count++;
        }
        return wait;
    }

    public static void Leave(CallWait wait)
    {
        lock (Gate)
        {
            if (!Waits.TryGetValue(wait.From, out List<CallWait>? waits) || !waits.Remove(wait))
                return;
            count--;
            if (waits.Count == 0)
                Waits.Remove(wait.From);
        }
    }

    /// <summary>Nobody there waits any more.</summary>
    public static void Forget(Server from)
    {
        if (Volatile.Read(ref count) == 0)
            return;
        lock (Gate)
        {
            if (Waits.Remove(from, out List<CallWait>? waits))
                count -= waits.Count;
        }
    }

    /// <summary>Under the lock: how <paramref name="from"/> waits for <paramref name="to"/>; null if it does not.</summary>
    private static List<CallWait>? PathFrom(Server from, Server to, HashSet<Server> seen)
    {
        if (from == to)
            return [];
        if (!seen.Add(from) || !Waits.TryGetValue(from, out List<CallWait>? waits))
            return null;
        foreach (CallWait wait in waits)
        {
            if (PathFrom(wait.To, to, seen) is not { } rest)
                continue;
            rest.Insert(0, wait);
            return rest;
        }
        return null;
    }
}

/// <summary>A call that waits for another one.</summary>
internal sealed class CallWait(Server from, Server to, string text) : IDisposable
{
    public Server From => from;

    public Server To => to;

    public string Text => text;

    public void Dispose() => CallCircles.Leave(this);
}
