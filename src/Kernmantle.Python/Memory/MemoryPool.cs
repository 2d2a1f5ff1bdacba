using System.ComponentModel;

namespace Kernmantle.Python.Memory;

/// <summary>The memory of one pool's calls: kept for the next ones, since pages cost several times a copy when they are touched first. Thread-safe.</summary>
internal sealed class MemoryPool : IDisposable
{
    /// <summary>The most that is kept, in bytes.</summary>
    private const long MostKept = 256L << 20;

    private const int Page = 4096;

    private readonly Lock gate = new();
    private readonly List<PythonMemory> free = [];
    private readonly HashSet<int> alive = [];
    private int lastId;
    private int removals;
    private long kept;
    private bool disposed;

    /// <summary>Counts what was given back to the system.</summary>
    public int Removals => Volatile.Read(ref removals);

    /// <summary>Those of the ids whose memory was given back to the system.</summary>
    public int[] Gone(IEnumerable<int> ids)
    {
        lock (gate)
            return [.. ids.Where(id => !alive.Contains(id))];
    }

    /// <summary>Memory of at least that size, or null if the system has none.</summary>
    public PythonMemory? TryRent(long bytes)
    {
        lock (gate)
        {
            int index = free.FindIndex(m => m.Length >= bytes && m.Length <= Math.Max(bytes * 2, 16 * Page));
            if (index >= 0)
            {
                PythonMemory memory = free[index];
                free.RemoveAt(index);
                kept -= memory.Length;
                return memory;
            }
        }
        try
        {
            var memory = new PythonMemory(Interlocked.Increment(ref lastId), Math.Max(1, (bytes + Page - 1) / Page) * Page);
            lock (gate)
                alive.Add(memory.Id);
            return memory;
        }
        catch (Win32Exception)
        {
            return null;   // it then travels with the call
        }
    }

    /// <param name="memory">What was rented.</param>
    /// <param name="again">It may be used again: no worker refers to it.</param>
    public void Return(PythonMemory memory, bool again)
    {
        lock (gate)
        {
            if (again && !disposed && kept + memory.Length <= MostKept)
            {
                free.Add(memory);
                kept += memory.Length;
                return;
            }
            alive.Remove(memory.Id);
            removals++;
        }
        // Unmapping much memory takes its time, and a pool's lock may be held here.
        ThreadPool.UnsafeQueueUserWorkItem(static m => m.Dispose(), memory, preferLocal: false);
    }

    public void Dispose()
    {
        lock (gate)
        {
            disposed = true;
            foreach (PythonMemory memory in free)
                memory.Dispose();
            free.Clear();
        }
    }
}
