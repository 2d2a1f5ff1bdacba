using System.Collections.Concurrent;
using System.Globalization;

namespace Kernmantle.SharedState;

/// <summary>Names a thread for all processes that share an object: the worker's number, which is never used again, or 0 for the maker of the object; and the thread's in it.</summary>
internal static class Party
{
    public const int Maker = 0;

    /// <summary>The runtime's number of a process's main thread, which is what runs the calls of a worker.</summary>
    public const int MainThread = 1;

    private static readonly ConcurrentDictionary<int, string> Names = new();

    /// <summary>The calling thread.</summary>
    public static long Me(int party) => NameOf(party, Environment.CurrentManagedThreadId);

    /// <summary>A thread of a worker.</summary>
    public static long NameOf(int party, int thread) => ((long)party << 32) | (uint)thread;

    /// <summary>The worker's number.</summary>
    public static int Of(long name) => (int)(name >> 32);

    /// <summary>The thread's.</summary>
    public static int ThreadOf(long name) => (int)name;

    /// <summary>What a worker is called in messages.</summary>
    public static void Name(int worker, string name) => Names[worker] = name;

    /// <summary>What a worker is called; a question mark if nobody has said.</summary>
    public static string NameOf(int worker) => Names.TryGetValue(worker, out string? name) ? name : "?";

    /// <summary>It has ended.</summary>
    public static void Forget(int worker) => Names.TryRemove(worker, out _);

    /// <summary>For messages.</summary>
    public static string Describe(long name) => Of(name) == Maker
        ? string.Create(CultureInfo.InvariantCulture, $"thread {ThreadOf(name)} of this process")
        : string.Create(CultureInfo.InvariantCulture, $"thread {ThreadOf(name)} of worker {NameOf(Of(name))} (id {Of(name)})");
}
