using Kernmantle.Tool.Lab.Linux;

namespace Kernmantle.Tool.Lab.Deadlock;

/// <summary>
/// Two threads move money between two accounts and lock both of them: each its own first, or both in one order. Lives in a process that is
/// there to be lost.
/// </summary>
internal static class TwoLocks
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(5);
    private static readonly WaitGraph Graph = new();
    private static readonly List<WatchedThread> Threads = [];
    private static readonly CountdownEvent Done = new(2);

    /// <summary>Starts both, and leaves them to themselves.</summary>
    /// <param name="oppositeOrder">Each takes the other's first lock as its second, once both have their first.</param>
    public static void Begin(bool oppositeOrder)
    {
        LibC.AllowInspection();
        WatchedLock savings = new("savings", Graph), current = new("current", Graph);
        // In opposite order both must have their first lock before either asks for its second: the deadlock is certain then, not a matter of luck.
        CountdownEvent bothHoldOne = new(oppositeOrder ? 2 : 0);
        Start("save", savings, current, bothHoldOne);
        Start("spend", oppositeOrder ? current : savings, oppositeOrder ? savings : current, bothHoldOne);
    }

    /// <summary>Watches until both threads are done, or can never be.</summary>
    /// <returns>The cycle; empty if both are done.</returns>
    public static async Task<Edge[]> WatchAsync(CancellationToken cancellationToken)
    {
        using PeriodicTimer timer = new(Look);
        while (!Done.IsSet)
        {
            WatchedThread[] threads;
            lock (Threads)
                threads = [.. Threads];
            if (Graph.FindCycle(threads) is { Count: > 0 } cycle)
                return [.. cycle];
            await timer.WaitForNextTickAsync(cancellationToken);
        }
        return [];
    }

    private static void Start(string name, WatchedLock first, WatchedLock second, CountdownEvent bothHoldOne)
    {
        Thread thread = new(() => Move(name, first, second, bothHoldOne)) { IsBackground = true, Name = name };
        thread.Start();
    }

    private static void Move(string name, WatchedLock first, WatchedLock second, CountdownEvent bothHoldOne)
    {
        WatchedThread self = new(name);
        lock (Threads)
            Threads.Add(self);
        first.Enter(self);
        if (bothHoldOne.InitialCount > 0)
        {
            bothHoldOne.Signal();
            bothHoldOne.Wait();
        }
        TakeSecond(self, second);
        first.Exit();
        Done.Signal();
    }

    private static void TakeSecond(WatchedThread self, WatchedLock second)
    {
        second.Enter(self);
        second.Exit();
    }
}
