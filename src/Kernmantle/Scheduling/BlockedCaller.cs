using Kernmantle.Functions;
using Kernmantle.Scheduling.Calls;

namespace Kernmantle.Scheduling;

/// <summary>
/// A thread of this process that blocks until a call has ended, for those who look for threads that wait for each other. The thread says so by a plain store, when it is about to sleep anyway; who looks gets what was true a
/// moment ago, and looks twice.
/// </summary>
internal sealed class BlockedCaller
{
    private static readonly Lock Gate = new();
    private static readonly List<WeakReference<BlockedCaller>> Threads = [];

    [ThreadStatic]
    private static BlockedCaller? current;

    private readonly int thread = Environment.CurrentManagedThreadId;
    private Call? call;

    private BlockedCaller()
    {
        lock (Gate)
        {
            Threads.RemoveAll(static known => !known.TryGetTarget(out _));   // threads that have ended
            Threads.Add(new(this));
        }
    }

    /// <summary>The calling thread.</summary>
    public static BlockedCaller Current => current ??= new();

    /// <summary>What it waits for; null for nothing.</summary>
    public Call? Call
    {
        get => Volatile.Read(ref call);
        set => Volatile.Write(ref call, value);
    }

    /// <summary>Those that wait now for a call that has a worker which says what it runs on: its number (0: this process), and the thread.</summary>
    public static List<(int Thread, (int Worker, int Thread) For, long Id, string Name)> All()
    {
        BlockedCaller[] threads;
        lock (Gate)
            threads = [.. Threads.Select(static known => known.TryGetTarget(out BlockedCaller? thread) ? thread : null).OfType<BlockedCaller>()];
        List<(int Thread, (int Worker, int Thread) For, long Id, string Name)> all = [];
        foreach (BlockedCaller each in threads)
        {
            if (each.Call is { } call && call.Slot?.Worker?.RunsOn is { } worker)
                all.Add((each.thread, worker, call.Id, call.Options.Name ?? call.Function?.DisplayName ?? Function.NameOf(call.Delegate)));   // not its Name, which it would keep when it is another call
        }
        return all;
    }
}
