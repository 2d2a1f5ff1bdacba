using System.Buffers.Binary;
using Kernmantle.SharedBuffers;
using Kernmantle.Wire;
using Kernmantle.Wire.Bytes;
using Kernmantle.Wire.Shared;
using Microsoft.Win32.SafeHandles;

namespace Kernmantle.Child.Lane;

/// <summary>The memory of shared buffers, and of shared objects, as a worker has it. Stays mapped until the host drops it. Thread-safe.</summary>
internal sealed class WorkerBlocks : IBlockHost
{
    /// <summary>So many frames that nobody waits for are far from filling a ring.</summary>
    private const int MostInPassing = 128;

    private readonly MemoryAsks asks;
    private readonly object gate = new();
    private readonly object asking = new();
    private readonly Dictionary<int, SharedBlock> blocks = [];
    private readonly List<SafeFileHandle> attached = [];   // to the memory that follows
    private Dictionary<int, int>? own;   // how often it was granted to this worker; null until it has asked for memory
    private ControlMessage? answer;
    private long key;
    private int passed;

    /// <param name="send">Sends a frame to the host.</param>
    public WorkerBlocks(FrameSend send) => (Send, asks) = (send, new(send));

    /// <summary>Sends a frame to the host.</summary>
    public FrameSend Send { get; }

    /// <summary>By the reader thread.</summary>
    public void Take(ControlMessage message, SafeFileHandle? file)
    {
        lock (gate)
        {
            if (message.Kind == ControlKind.Attachment && file is not null)
                Attach((int)message.Length, file);
            if (message.Kind == ControlKind.Key)
                key = message.Length;
            if (message.Kind is ControlKind.Buffer or ControlKind.Granted && file is not null)
            {
                blocks[message.Id] = SharedBlock.Open(message.Id, file, [.. attached], message.Length, OnFree, this);
                attached.Clear();
            }
            if (message.Kind == ControlKind.Granted)
                blocks[message.Id].Tell(key);
            if (message.Kind == ControlKind.DropBuffer && blocks.Remove(message.Id, out SharedBlock? dropped))
                dropped.Dispose();
            if (message.Kind is ControlKind.Granted or ControlKind.BufferRefused)
                answer = message;
            Monitor.PulseAll(gate);
        }
    }

    /// <summary>Memory that a call was given: its descriptor may still be on the way.</summary>
    public SharedBlock Lend(BlockName name)
    {
        lock (gate)
        {
            SharedBlock block = Await(name.Id);
            block.Tell(name.Key);
            return block;
        }
    }

    /// <summary>New memory, from the host: it goes back to it when nobody here refers to it, or with a result.</summary>
    /// <exception cref="InsufficientMemoryException">The host has none.</exception>
    public SharedBlock Allocate(long length)
    {
        lock (asking)
        {
            Send(FrameKind.WantBuffer, length, default, isUrgent: true);
            lock (gate)
            {
                while (answer is null)
                    Monitor.Wait(gate);
                ControlMessage message = answer.Value;
                answer = null;
                if (message.Kind == ControlKind.BufferRefused)
                    throw new InsufficientMemoryException($"{length} bytes of shared memory could not be had by the host.");
                return Own(message.Id);
            }
        }
    }

    // --- What items of channels carry ---

    /// <summary>By whoever takes frames.</summary>
    public void OnAnswer(long number, ReadOnlySpan<byte> body) => asks.OnAnswer(number, body);

    public void Load(SharedBlock channel, int ring, long position, IReadOnlyList<SharedBlock> memory)
    {
        using var body = new PooledBuffer();
        var writer = new PayloadWriter(body);
        WritePlace(ref writer, ring, position);
        foreach (SharedBlock each in memory)
            writer.WriteInt32(each.Id);
        SendInPassing(FrameKind.ItemLoaded, channel.Id, body.Written);
    }

    public void Unload(SharedBlock channel, int ring, long position)
    {
        using var body = new PooledBuffer();
        var writer = new PayloadWriter(body);
        WritePlace(ref writer, ring, position);
        SendInPassing(FrameKind.ItemDone, channel.Id, body.Written);
    }

    /// <summary>An object that this worker keeps as long as it lives. A buffer has to be asked for each time: it is kept for as long as each of those that have it says.</summary>
    public SharedBlock? TryTake(BlockName name)
    {
        lock (gate)
        {
            if (!blocks.TryGetValue(name.Id, out SharedBlock? block) || block.Name != name || block.Use is not { Kind: > 0 })
                return null;
            block.AddReference();
            return block;
        }
    }

    public Task<BlockUse?> AskAsync(BlockName name) => asks.AskAsync(name);

    public SharedBlock Receive(BlockName name, BlockUse use)
    {
        lock (gate)
        {
            SharedBlock block = use.Kind == 0 ? Own(name.Id) : Await(name.Id);
            block.Tell(name.Key);
            block.Tell(use);
            return block;
        }
    }

    private void SendInPassing(FrameKind kind, long id, ReadOnlySpan<byte> body) => Send(kind, id, body, isUrgent: Interlocked.Increment(ref passed) % MostInPassing == 0);

    private static void WritePlace(ref PayloadWriter writer, int ring, long position)
    {
        writer.WriteInt32(ring);
        writer.WriteInt64(position);
    }

    // --- Whose it is ---

    /// <summary>With a reference for the caller. Under the lock.</summary>
    private SharedBlock Await(int id)
    {
        SharedBlock? block;
        while (!blocks.TryGetValue(id, out block))
            Monitor.Wait(gate);
        block.AddReference();
        return block;
    }

    /// <summary>The same, which the host has granted once more.</summary>
    private SharedBlock Own(int id)
    {
        own ??= [];
        own[id] = own.GetValueOrDefault(id) + 1;
        return Await(id);
    }

    public void Transfer(SharedBlock block)
    {
        lock (gate)
        {
            if (own?.GetValueOrDefault(block.Id) is > 0 and int times)
                SetOwn(block.Id, times - 1);
        }
    }

    private void SetOwn(int id, int times)
    {
        if (times == 0)
            own!.Remove(id);
        else
            own![id] = times;
    }

    /// <summary>From the first on: what came before was tried in vain, or is another memory's now.</summary>
    private void Attach(int number, SafeFileHandle file)
    {
        if (number == 0)
            attached.Clear();
        attached.Add(file);
    }

    private void OnFree(SharedBlock block)
    {
        int times = 0;
        lock (gate)
        {
            if (block.IsFree)   // else somebody was given it meanwhile, and what it was granted for before goes with that
                own?.Remove(block.Id, out times);
        }
        for (; times > 0; times--)
            Send(FrameKind.BufferReleased, block.Id, default, isUrgent: true);
    }
}

/// <summary>Sends a frame to the host, which is woken for one that is urgent.</summary>
internal delegate void FrameSend(FrameKind kind, long id, ReadOnlySpan<byte> body, bool isUrgent);
