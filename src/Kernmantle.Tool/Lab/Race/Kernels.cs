using System.Runtime.CompilerServices;

namespace Kernmantle.Tool.Lab.Race;

/// <summary>How a shared number is changed.</summary>
internal enum Guard
{
    /// <summary>Read, change, write: three steps, between which others may come.</summary>
    None,

    /// <summary>One atomic operation of the processor.</summary>
    Atomic,

    /// <summary>The runtime's lock around the three steps.</summary>
    Lock,

    /// <summary>The global lock around everything, given up between two steps when another thread asks for it, as an interpreter does.</summary>
    GlobalLock,
}

internal static class Guards
{
    public static string Text(this Guard guard) => guard switch
    {
        Guard.None => "unsynchronised",
        Guard.Atomic => "atomic operations",
        Guard.Lock => "lock",
        _ => "global lock",
    };

    /// <summary>The same between processes.</summary>
    public static string SharedText(this Guard guard) => guard switch
    {
        Guard.None => "Read and Write, unsynchronised",
        Guard.Atomic => "Add",
        _ => "under a SharedLock",
    };
}

/// <summary>An object with a count of who uses it, as CPython's objects have one: at zero it is freed.</summary>
internal sealed class Counted
{
    /// <summary>The owner's reference.</summary>
    public int References = 1;

    /// <summary>The count came to zero although the owner still has its reference.</summary>
    public bool Freed;
}

/// <summary>
/// The inner loops. Compiled once and for all, so that no measurement changes while it runs; each read and write is a real one, as it is in
/// CPython, where the counts lie in memory.
/// </summary>
internal static class Kernels
{
    private static readonly Lock Gate = new();
    private static readonly GlobalLock Gil = new();
    private static long counter;

    public static long Counter
    {
        get => Volatile.Read(ref counter);
        set => Volatile.Write(ref counter, value);
    }

    public static void Increment(Guard guard, int times)
    {
        switch (guard)
        {
            case Guard.None:
                IncrementPlainly(times);
                break;
            case Guard.Atomic:
                IncrementAtomically(times);
                break;
            case Guard.Lock:
                IncrementLocked(times);
                break;
            default:
                IncrementUnderGlobalLock(times);
                break;
        }
    }

    /// <summary>Takes a reference to an object and gives it back, again and again, as an interpreter does with everything it touches.</summary>
    public static void TakeAndGive(Guard guard, Counted[] objects, int times)
    {
        switch (guard)
        {
            case Guard.None:
                TakeAndGivePlainly(objects, times);
                break;
            case Guard.Atomic:
                TakeAndGiveAtomically(objects, times);
                break;
            case Guard.Lock:
                TakeAndGiveLocked(objects, times);
                break;
            default:
                TakeAndGiveUnderGlobalLock(objects, times);
                break;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void IncrementPlainly(int times)
    {
        for (int i = 0; i < times; i++)
            Volatile.Write(ref counter, Volatile.Read(ref counter) + 1);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void IncrementAtomically(int times)
    {
        for (int i = 0; i < times; i++)
            Interlocked.Increment(ref counter);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void IncrementLocked(int times)
    {
        for (int i = 0; i < times; i++)
        {
            lock (Gate)
                Volatile.Write(ref counter, Volatile.Read(ref counter) + 1);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void IncrementUnderGlobalLock(int times)
    {
        using GlobalLock.Scope held = Gil.Acquire();
        for (int i = 0; i < times; i++)
        {
            Volatile.Write(ref counter, Volatile.Read(ref counter) + 1);
            Gil.Checkpoint();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void TakeAndGivePlainly(Counted[] objects, int times)
    {
        for (int i = 0; i < times; i++)
            TakeAndGive(objects[i % objects.Length]);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void TakeAndGiveAtomically(Counted[] objects, int times)
    {
        for (int i = 0; i < times; i++)
        {
            Counted one = objects[i % objects.Length];
            Interlocked.Increment(ref one.References);
            if (Interlocked.Decrement(ref one.References) == 0)
                one.Freed = true;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void TakeAndGiveLocked(Counted[] objects, int times)
    {
        for (int i = 0; i < times; i++)
        {
            lock (Gate)
                TakeAndGive(objects[i % objects.Length]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void TakeAndGiveUnderGlobalLock(Counted[] objects, int times)
    {
        using GlobalLock.Scope held = Gil.Acquire();
        for (int i = 0; i < times; i++)
        {
            TakeAndGive(objects[i % objects.Length]);
            Gil.Checkpoint();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void TakeAndGive(Counted one)
    {
        Volatile.Write(ref one.References, Volatile.Read(ref one.References) + 1);
        int left = Volatile.Read(ref one.References) - 1;
        Volatile.Write(ref one.References, left);
        if (left == 0)
            one.Freed = true;
    }
}
