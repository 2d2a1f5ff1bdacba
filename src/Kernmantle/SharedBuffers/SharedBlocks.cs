using System.ComponentModel;

namespace Kernmantle.SharedBuffers;

/// <summary>
/// The memory of all shared buffers of this process. Free memory is kept for the next buffer, since touching a page for the first time costs many times
/// a copy; but memory that workers have mapped, and may look at for ever, only for buffers of the same pool.
/// </summary>
internal static class SharedBlocks
{
    /// <summary>The most that is kept, in bytes, and in pieces: each has a descriptor open.</summary>
    private const long MostKept = 256L << 20;

    private const int MostKeptBlocks = 64;

    private static readonly Lock Gate = new();
    private static readonly List<(SharedBlock Block, IBufferOwner? Pool)> Free = [];
    private static readonly Dictionary<int, SharedBlock> Known = [];

    /// <summary>In a worker: gets memory from the host; null in a host.</summary>
    public static Func<long, SharedBlock>? FromHost { get; set; }

    /// <summary>How much there is of it, free memory that is kept included, in bytes.</summary>
    public static long TotalBytes
    {
        get
        {
            lock (Gate)
                return Known.Values.Sum(static block => block.Length);
        }
    }

    /// <exception cref="InsufficientMemoryException">The system has not so much memory.</exception>
    public static SharedBlock Allocate(long bytes, IBufferOwner? pool)
    {
        long length = RoundUp(bytes);
        if (FromHost is { } host)
            return host(length);
        lock (Gate)
        {
            int index = Free.FindIndex(f => (f.Pool is null || f.Pool == pool) && f.Block.Length >= length && f.Block.Length <= length * 2);
            if (index >= 0)
            {
                SharedBlock free = Free[index].Block;
                Free.RemoveAt(index);
                free.Revive();
                return free;
            }
        }
        return Create(length);
    }

    /// <summary>Memory, all zero, that workers keep beyond their calls: it is used once.</summary>
    /// <exception cref="InsufficientMemoryException">The system has not so much memory.</exception>
    public static SharedBlock CreateLasting(long bytes, IBlockContent content, bool isReserved) => Create(RoundUp(bytes), content, isReserved);

    /// <summary>The memory becomes known to a worker. True: it was not before, and must be sent.</summary>
    public static bool Admit(SharedBlock block, IBufferBorrower link)
    {
        lock (Gate)
        {
            block.SeenByMany |= link.Pool is null || (block.SeenBy is not null && block.SeenBy != link.Pool);
            block.SeenBy = link.Pool;
            return block.Audience.Add(link);
        }
    }

    /// <summary>Who is not followed here may look at it for ever: it is nobody else's afterwards.</summary>
    public static void UseOnce(SharedBlock block)
    {
        lock (Gate)
            block.SeenByMany = true;
    }

    /// <summary>It could not be sent.</summary>
    public static void Expel(SharedBlock block, IBufferBorrower link)
    {
        lock (Gate)
            block.Audience.Remove(link);
    }

    /// <summary>Memory that a worker names, with a reference for the caller; null if that worker does not have it, or nobody else has.</summary>
    public static SharedBlock? Find(int id, IBufferBorrower link)
    {
        lock (Gate)
            return Known.TryGetValue(id, out SharedBlock? block) && block.Audience.Contains(link) && block.TryAddReference() ? block : null;
    }

    /// <summary>Memory of that name, with a reference for the caller; null if there is none, or not by that name any more.</summary>
    public static SharedBlock? Find(BlockName name)
    {
        lock (Gate)
            return Known.TryGetValue(name.Id, out SharedBlock? block) && block.Name == name && block.TryAddReference() ? block : null;
    }

    /// <summary>The worker is gone.</summary>
    public static void Forget(IBufferBorrower link)
    {
        lock (Gate)
        {
            foreach (SharedBlock block in Known.Values)
                block.Audience.Remove(link);
        }
    }

    /// <summary>The pool has ended, and says so: nobody can use its memory again.</summary>
    public static void Forget(IBufferOwner pool)
    {
        SharedBlock[] old;
        lock (Gate)
        {
            old = [.. Free.Where(f => f.Pool == pool).Select(static f => f.Block)];
            Free.RemoveAll(f => f.Pool == pool);
            foreach (SharedBlock block in old)
                Known.Remove(block.Id);
        }
        foreach (SharedBlock block in old)
            Destroy(block);
    }

    private static long RoundUp(long bytes) => Math.Max(1, (bytes + Environment.SystemPageSize - 1) / Environment.SystemPageSize) * Environment.SystemPageSize;

    private static SharedBlock Create(long length, IBlockContent? content = null, bool isReserved = true)
    {
        try
        {
            SharedBlock block = SharedBlock.Create(length, content is null ? Keep : Drop, content, isReserved);
            lock (Gate)
                Known.Add(block.Id, block);
            return block;
        }
        catch (Win32Exception e)
        {
            throw new InsufficientMemoryException($"{length} bytes of shared memory could not be had: {e.Message}", e);
        }
    }

    private static void Keep(SharedBlock block)
    {
        List<SharedBlock> surplus = [];
        lock (Gate)
        {
            if (block.SeenByMany || block.SeenBy is { HasEnded: true })
                surplus.Add(block);
            else
                Free.Add((block, block.SeenBy));
            while (Free.Count > MostKeptBlocks || Free.Sum(static f => f.Block.Length) > MostKept)
            {
                surplus.Add(Free[0].Block);
                Free.RemoveAt(0);
            }
            foreach (SharedBlock old in surplus)
                Known.Remove(old.Id);
        }
        foreach (SharedBlock old in surplus)
            Destroy(old);
    }

    private static void Drop(SharedBlock block)
    {
        lock (Gate)
            Known.Remove(block.Id);
        block.Content!.OnFree(block);
        Destroy(block);
    }

    private static void Destroy(SharedBlock block)
    {
        foreach (IBufferBorrower link in block.Audience)
            link.DropBuffer(block.Id);
        block.Dispose();
    }
}
