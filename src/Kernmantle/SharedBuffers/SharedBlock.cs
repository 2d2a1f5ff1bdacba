using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Kernmantle.Platform.Linux;
using Microsoft.Win32.SafeHandles;

namespace Kernmantle.SharedBuffers;

/// <summary>Memory of shared buffers: lives as long as somebody refers to it, be it an object or a call. Thread-safe.</summary>
internal sealed unsafe class SharedBlock : IDisposable
{
    private static int lastId;

    private readonly MappedMemory memory;
    private readonly Action<SharedBlock> onFree;
    private IReadOnlyList<SafeFileHandle> attachments = [];
    private int references;
    private long key;
    private BlockUse? use;

    /// <param name="id">Its name between processes.</param>
    /// <param name="memory">Owned.</param>
    /// <param name="length">In bytes.</param>
    /// <param name="onFree">Called when nobody refers to it any more.</param>
    private SharedBlock(int id, MappedMemory memory, long length, Action<SharedBlock> onFree)
    {
        (Id, this.memory, Length, this.onFree) = (id, memory, length, onFree);
    }

    public int Id { get; }

    public long Length { get; }

    /// <summary>For workers it is lent to; in the host only.</summary>
    public SafeFileHandle? File { get; private init; }

    /// <summary>This is a worker, and the host knows it by its <see cref="Id"/>.</summary>
    public bool IsHosts => File is null;

    /// <summary>The connections whose workers have it mapped. Its owner locks: the one lock of <see cref="SharedBlocks"/>.</summary>
    public HashSet<IBufferBorrower> Audience { get; } = [];

    /// <summary>The pool of the workers that ever had it mapped, be they gone: what they were told may have been passed on. As <see cref="Audience"/>.</summary>
    public IBufferOwner? SeenBy { get; set; }

    /// <summary>There was more than one such pool, or a worker of none.</summary>
    public bool SeenByMany { get; set; }

    /// <summary>Where it was made: what lies in it, if workers keep it beyond their calls; null for buffers.</summary>
    public IBlockContent? Content { get; private init; }

    /// <summary>What belongs to it beside the memory.</summary>
    public IReadOnlyList<SafeFileHandle> Attachments => Content?.Attachments ?? attachments;

    /// <summary>In a worker: whose it is; null in the host.</summary>
    public IBlockHost? Host { get; private init; }

    /// <summary>With the key that it has now. In a worker: 0, unless it was told.</summary>
    public BlockName Name
    {
        get
        {
            long known = Volatile.Read(ref key);
            if (known == 0 && !IsHosts)
            {
                long made = 0;
                while (made == 0)
                    RandomNumberGenerator.Fill(MemoryMarshal.AsBytes(new Span<long>(ref made)));
                known = Interlocked.CompareExchange(ref key, made, 0) is not 0 and long other ? other : made;
            }
            return new(Id, known);
        }
    }

    /// <summary>What it is for; in a worker null until that was told.</summary>
    public BlockUse? Use => IsHosts ? Volatile.Read(ref use) : Content?.Use ?? BlockUse.Buffer;

    /// <summary>Nobody refers to it at the moment.</summary>
    public bool IsFree => Volatile.Read(ref references) == 0;

    public void* Start => memory.Start;

    /// <exception cref="System.ComponentModel.Win32Exception">The system has not so much memory.</exception>
    public static SharedBlock Create(long length, Action<SharedBlock> onFree, IBlockContent? content = null, bool isReserved = true)
    {
        SafeFileHandle file = SharedFile.Create(content is null ? "kernmantle-buffer" : "kernmantle-state", length, isReserved);
        return new(Interlocked.Increment(ref lastId), MappedMemory.Of(file, length), length, onFree) { File = file, Content = content, references = 1 };
    }

    /// <summary>By a worker, where nobody refers to it yet. Closes the file.</summary>
    public static SharedBlock Open(int id, SafeFileHandle file, IReadOnlyList<SafeFileHandle> attachments, long length, Action<SharedBlock> onFree, IBlockHost host)
    {
        using (file)
            return new(id, MappedMemory.Of(file, length), length, onFree) { Host = host, attachments = attachments };
    }

    /// <summary>In a worker: the host has said what it is called.</summary>
    public void Tell(long named) => Volatile.Write(ref key, named);

    /// <summary>In a worker: the host has said what it is for, which never changes.</summary>
    public BlockUse Tell(BlockUse told)
    {
        Volatile.Write(ref use, told);
        return told;
    }

    public void AddReference() => Interlocked.Increment(ref references);

    /// <summary>Refers to it, for somebody who has looked before, but holds no reference: it may have been disposed of since.</summary>
    /// <exception cref="ObjectDisposedException">Nobody refers to it any more.</exception>
    public void AddReferenceIfAlive() => ObjectDisposedException.ThrowIf(!TryAddReference(), typeof(SharedBuffer));

    /// <summary>Refers to it if anybody still does.</summary>
    public bool TryAddReference()
    {
        int seen = Volatile.Read(ref references);
        while (seen > 0)
        {
            int before = Interlocked.CompareExchange(ref references, seen + 1, seen);
            if (before == seen)
                return true;
            seen = before;
        }
        return false;
    }

    public void Release()
    {
        if (Interlocked.Decrement(ref references) == 0)
            onFree(this);
    }

    /// <summary>A worker that kept it has ended: clears up behind that, and lets go of its reference. Returns what went wrong there, to be logged: whoever waits for the worker is told of its end all the same.</summary>
    public Exception? EndFor(int worker, ProcessEnd end)
    {
        Exception? failure = null;
        try
        {
            Content!.OnWorkerEnded(this, worker, end);
        }
        catch (Exception e)
        {
            failure = e;
        }
        Release();
        return failure;
    }

    /// <summary>It is used again, by its first new user.</summary>
    public void Revive()
    {
        Volatile.Write(ref key, 0);   // who was told the last one means another buffer
        Volatile.Write(ref references, 1);
    }

    public void Dispose()
    {
        memory.Dispose();
        File?.Dispose();
        foreach (SafeFileHandle attached in attachments)
            attached.Dispose();
    }
}
