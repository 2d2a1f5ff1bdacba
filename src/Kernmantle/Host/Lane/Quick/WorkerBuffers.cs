using System.Diagnostics;
using Kernmantle.Host.Lane.Rings;
using Kernmantle.Logging.Events;
using Kernmantle.Platform.Linux;
using Kernmantle.SharedBuffers;
using Kernmantle.SharedState;
using Kernmantle.Wire;
using Kernmantle.Wire.Bytes;
using Kernmantle.Wire.Shared;
using Microsoft.Extensions.Logging;

namespace Kernmantle.Host.Lane.Quick;

/// <summary>Shared buffers: which memory this worker knows, and what it holds of it. Thread-safe.</summary>
internal sealed class WorkerBuffers : IBufferScope, IBufferBorrower, IRemoteScope
{
    /// <summary>The most that one worker holds of what it asked for, with what the items hold that it has written, in bytes: more is refused, since it is the host that pays.</summary>
    private const long MostGranted = 4L << 30;

    /// <summary>A worker that was stopped, or gets no processor, reads later what it asked for; one that never does is hostile.</summary>
    private static readonly TimeSpan ListenBound = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan ListenPause = TimeSpan.FromMilliseconds(10);

    /// <summary>Buffers that the worker asked for, each as often as it got it and has not given it back, with as many references: they go back with it.</summary>
    private readonly Dictionary<int, (SharedBlock Block, int Times)> granted = [];

    /// <summary>Held while a descriptor is sent: nobody else believes it sent before.</summary>
    private readonly Lock sharing = new();

    /// <summary>Memory that the worker keeps beyond its calls, and that is cleared up when it has ended; each with a reference. Under <see cref="sharing"/>.</summary>
    private readonly List<SharedBlock> kept = [];

    /// <summary>Nothing of the worker runs any more, so that it got nothing.</summary>
    private bool workerEnded;

    /// <summary>The connection has ended, so that nothing comes back. Under the lock of <see cref="granted"/>.</summary>
    private bool hasLeft;

    private readonly SharedLane lane;
    private readonly WorkerItemMemory items;

    /// <param name="lane">The worker's.</param>
    /// <param name="pool">The pool it belongs to; null if to none.</param>
    public WorkerBuffers(SharedLane lane, IBufferOwner? pool)
    {
        (this.lane, Pool) = (lane, pool);
        items = new(this, lane);
    }

    public IBufferOwner? Pool { get; }

    /// <summary>Whose they are: the worker's number, its name, and where to say what concerns it. Set before the worker can be given anything.</summary>
    public (int Id, string Name, ILogger Log) Worker { get; set; }

    /// <summary>Where the objects are that it was handed. Set before the worker can be handed any.</summary>
    public IRemoteScope? Objects { get; set; }

    /// <summary>What the items hold that it has written.</summary>
    public HeldBytes InItems { get; } = new();

    /// <summary>Makes memory known to the worker, before a call that names it.</summary>
    /// <exception cref="InsufficientMemoryException">It cannot be sent.</exception>
    public void Share(SharedBlock block)
    {
        if (!TryShare(block))
            throw new InsufficientMemoryException("A shared buffer could not be handed to the worker: it takes no descriptors any more.");
    }

    /// <summary>The same. False: it does not listen at the moment.</summary>
    private bool TryShare(SharedBlock block)
    {
        lock (sharing)
        {
            if (workerEnded || !SharedBlocks.Admit(block, this))
                return true;
            block.Content?.OnLent(Worker.Id, Worker.Name, Worker.Log);
            if (block.Content is not null)
                CallWaits.BeSeen();
            if (block.Attachments.Index().All(a => lane.Channel.TrySend(new(ControlKind.Attachment, block.Id, a.Index), a.Item)) && lane.Channel.TrySend(new(ControlKind.Buffer, block.Id, block.Length), block.File))
            {
                Keep(block);
                return true;
            }
            if (HasEnded())
                return true;
            SharedBlocks.Expel(block, this);   // who names it later sends it again
            return false;
        }
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
            if (block.EndFor(Worker.Id, end) is { } failure)
                ProcessEvents.NotClearedUp(Worker.Log, failure, Worker.Name, block.Content!.Use.Kind);
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
    SharedBlock IBufferScope.Take(BlockName name)
    {
        SharedBlock block = SharedBlocks.Find(name.Id, this) ?? throw new InvalidPayloadException($"A shared buffer {name.Id}, which the worker does not have.");
        Ungrant(name.Id);   // it returned what it had asked for
        return block;
    }

    IRemoteObject IRemoteScope.GetRemote(long id) => (Objects ?? throw new InvalidPayloadException("A Remote where none was handed over.")).GetRemote(id);

    void IBufferScope.Opened(ISharedBuffer buffer)
    {
        // It is its owner's now.
    }

    /// <summary>What the worker wants in the way of memory. Takes time: on the thread pool.</summary>
    public void OnFrame(FrameKind kind, long id, ReadOnlySpan<byte> body)
    {
        switch (kind)
        {
            case FrameKind.WantSegment:
                UntilSent(() =>
                {
                    lock (lane.End.Gate)
                        return lane.End.IsClosed || lane.Segments.TryGrant(id);
                });
                break;
            case FrameKind.WantBuffer:
                Grant(id);
                break;
            case FrameKind.BufferReleased:
                Ungrant(id);
                break;
            default:
                items.OnFrame(kind, id, body);
                break;
        }
    }

    /// <summary>The worker is to have what an item named, which there is: an object for as long as it lives, a buffer until it gives it back. Takes the reference over. False: it holds as much as it may.</summary>
    public bool TryGive(SharedBlock block)
    {
        if (block.Content is null && !MayGrant(block.Length))
        {
            block.Release();
            return false;
        }
        UntilSent(() => TryShare(block));
        if (block.Content is null)
            AddGrant(block);
        else
            block.Release();   // it is kept
        return true;
    }

    /// <summary>The worker is gone.</summary>
    public void End()
    {
        SharedBlocks.Forget(this);
        lock (granted)
        {
            hasLeft = true;
            foreach ((SharedBlock block, int times) in granted.Values)
            {
                for (int i = 0; i < times; i++)
                    block.Release();
            }
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
        AddGrant(block);
        UntilSent(() => lane.Channel.TrySend(new(ControlKind.Key, block.Id, block.Name.Key)) && lane.Channel.TrySend(new(ControlKind.Granted, block.Id, block.Length), isNew ? block.File : null));
    }

    /// <summary>Takes the reference over.</summary>
    private void AddGrant(SharedBlock block)
    {
        lock (granted)
        {
            if (!hasLeft)
            {
                granted[block.Id] = (block, granted.GetValueOrDefault(block.Id).Times + 1);
                return;
            }
        }
        block.Release();
    }

    private void Ungrant(long id)
    {
        SharedBlock block;
        lock (granted)
        {
            if (id is <= 0 or > int.MaxValue || !granted.Remove((int)id, out (SharedBlock Block, int Times) given))
                return;
            block = given.Block;
            if (given.Times > 1)
                granted.Add((int)id, given with { Times = given.Times - 1 });
        }
        block.Release();
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
            return granted.Values.Sum(static g => g.Block.Length) + InItems.Total + length <= MostGranted;
    }

    private SharedBlock? TryAllocate(long length)
    {
        try
        {
            return SharedBlocks.Allocate(length, Pool);
        }
        catch (InsufficientMemoryException)
        {
            return null;   // said to the worker
        }
    }
}
