using System.Diagnostics;
using Kernmantle.Host.Lane.Rings;
using Kernmantle.Platform.Linux;
using Kernmantle.SharedBuffers;
using Kernmantle.SharedState;
using Kernmantle.Wire;
using Kernmantle.Wire.Bytes;
using Kernmantle.Wire.Shared;
using Microsoft.Extensions.Logging;

namespace Kernmantle.Host.Lane.Quick;

/// <summary>Shared buffers: which memory this worker knows, and what it holds of it. Thread-safe.</summary>
/// <param name="lane">The worker's.</param>
/// <param name="pool">The pool it belongs to; null if to none.</param>
internal sealed class WorkerBuffers(SharedLane lane, IBufferOwner? pool) : IBufferScope, IBufferBorrower, IRemoteScope
{
    /// <summary>The most that one worker holds of what it asked for, in bytes: more is refused, since it is the host that pays.</summary>
    private const long MostGranted = 4L << 30;

    /// <summary>A worker that was stopped, or gets no processor, reads later what it asked for; one that never does is hostile.</summary>
    private static readonly TimeSpan ListenBound = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan ListenPause = TimeSpan.FromMilliseconds(10);

    /// <summary>Memory that the worker asked for, and has not given back: it goes back with it.</summary>
    private readonly Dictionary<int, SharedBlock> granted = [];

    /// <summary>Held while a descriptor is sent: nobody else believes it sent before.</summary>
    private readonly Lock sharing = new();

    /// <summary>Memory that the worker keeps beyond its calls, and that is cleared up when it has ended; each with a reference. Under <see cref="sharing"/>.</summary>
    private readonly List<SharedBlock> kept = [];

    /// <summary>Nothing of the worker runs any more, so that it got nothing.</summary>
    private bool workerEnded;

    public IBufferOwner? Pool => pool;

    /// <summary>Whose they are: the worker's number, its name, and where to say what concerns it. Set before the worker can be given anything.</summary>
    public (int Id, string Name, ILogger Log) Worker { get; set; }

    /// <summary>Where the objects are that it was handed. Set before the worker can be handed any.</summary>
    public IRemoteScope? Objects { get; set; }

    /// <summary>Makes memory known to the worker, before a call that names it.</summary>
    /// <exception cref="InsufficientMemoryException">It cannot be sent.</exception>
    public void Share(SharedBlock block)
    {
        lock (sharing)
        {
            if (workerEnded || !SharedBlocks.Admit(block, this))
                return;
            block.Content?.OnLent(Worker.Id, Worker.Name, Worker.Log);
            if (block.Content is not null)
                CallWaits.BeSeen();
            if (block.Attachments.Index().All(a => lane.Channel.TrySend(new(ControlKind.Attachment, block.Id, a.Index), a.Item)) && lane.Channel.TrySend(new(ControlKind.Buffer, block.Id, block.Length), block.File))
            {
                Keep(block);
                return;
            }
            if (HasEnded())
                return;
            SharedBlocks.Expel(block, this);   // who names it later sends it again
        }
        throw new InsufficientMemoryException("A shared buffer could not be handed to the worker: it takes no descriptors any more.");
    }

    /// <summary>Nothing of the worker runs any more: what it held of objects that others share goes on without it.</summary>
    /// <param name="end">How; with exit code 0 it was asked to end, and did.</param>
    public void OnWorkerEnded(ProcessEnd end)
    {
        SharedBlock[] left;
        lock (sharing)
        {
            workerEnded = true;
            left = [.. kept];
            kept.Clear();
        }
        foreach (SharedBlock block in left)
        {
            block.Content!.OnWorkerEnded(block, Worker.Id, end);
            block.Release();
        }
        Party.Forget(Worker.Id);
    }

    /// <summary>The memory is gone from the host.</summary>
    public void DropBuffer(int id)
    {
        if (!lane.End.IsClosed && lane.Channel.IsConnected)
            _ = lane.Channel.TrySend(new(ControlKind.DropBuffer, id));
    }

    bool IBufferScope.TryLend(SharedBlock block) => throw new InvalidOperationException("Calls lend buffers, connections do not.");

    /// <summary>A worker may name what it has been given, and nothing else.</summary>
    SharedBlock IBufferScope.Take(int id)
    {
        SharedBlock block = SharedBlocks.Find(id, this) ?? throw new InvalidPayloadException($"A shared buffer {id}, which the worker does not have.");
        lock (granted)
        {
            if (granted.Remove(id, out SharedBlock? given))
                given.Release();   // it returned what it had asked for
        }
        return block;
    }

    IRemoteObject IRemoteScope.GetRemote(long id) => (Objects ?? throw new InvalidPayloadException("A Remote where none was handed over.")).GetRemote(id);

    void IBufferScope.Opened(ISharedBuffer buffer)
    {
        // It is its owner's now.
    }

    /// <summary>What the worker wants in the way of memory. Takes time: on the thread pool.</summary>
    public void OnFrame(FrameKind kind, long id)
    {
        if (kind == FrameKind.WantSegment)
        {
            UntilSent(() =>
            {
                lock (lane.End.Gate)
                    return lane.End.IsClosed || lane.Segments.TryGrant(id);
            });
            return;
        }
        if (kind == FrameKind.WantBuffer)
        {
            Grant(id);
            return;
        }
        lock (granted)
        {
            if (id <= int.MaxValue && granted.Remove((int)id, out SharedBlock? block))
                block.Release();
        }
    }

    /// <summary>The worker is gone.</summary>
    public void End()
    {
        SharedBlocks.Forget(this);
        lock (granted)
        {
            foreach (SharedBlock block in granted.Values)
                block.Release();
            granted.Clear();
        }
    }

    private void Keep(SharedBlock block)
    {
        if (block.Content is null)
            return;
        block.AddReference();
        kept.Add(block);
    }

    private void Grant(long length)
    {
        if (length <= 0 || length > int.MaxValue + 1L)
            throw new ProtocolViolationException($"a shared buffer of {length} bytes wanted");
        if (!MayGrant(length) || TryAllocate(length) is not { } block)
        {
            UntilSent(() => lane.Channel.TrySend(new(ControlKind.BufferRefused, 0, length)));
            return;
        }
        bool isNew = SharedBlocks.Admit(block, this);
        lock (granted)
            granted.Add(block.Id, block);
        UntilSent(() => lane.Channel.TrySend(new(ControlKind.Granted, block.Id, block.Length), isNew ? block.File : null));
    }

    /// <summary>Its end, which is told by itself, is no reason to blame it.</summary>
    /// <exception cref="ProtocolViolationException">It never listens.</exception>
    private void UntilSent(Func<bool> trySend)
    {
        long started = Stopwatch.GetTimestamp();
        while (!trySend() && !HasEnded())
        {
            if (Stopwatch.GetElapsedTime(started) > ListenBound)
                throw new ProtocolViolationException("a worker that asks for memory and does not listen");
            if (lane.End.Reason.Wait(ListenPause))
                return;
        }
    }

    private bool HasEnded() => lane.End.IsClosed || lane.Channel.HasEnded();

    private bool MayGrant(long length)
    {
        lock (granted)
            return granted.Values.Sum(static b => b.Length) + length <= MostGranted;
    }

    private SharedBlock? TryAllocate(long length)
    {
        try
        {
            return SharedBlocks.Allocate(length, pool);
        }
        catch (InsufficientMemoryException)
        {
            return null;   // said to the worker
        }
    }
}
