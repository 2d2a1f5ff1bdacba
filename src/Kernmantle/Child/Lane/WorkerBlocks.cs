using Kernmantle.SharedBuffers;
using Kernmantle.Wire;
using Kernmantle.Wire.Shared;
using Microsoft.Win32.SafeHandles;

namespace Kernmantle.Child.Lane;

/// <summary>The memory of shared buffers as a worker has it. Stays mapped until the host drops it. Thread-safe.</summary>
/// <param name="send">Sends a frame to the host.</param>
internal sealed class WorkerBlocks(Action<FrameKind, long> send)
{
    private readonly object gate = new();
    private readonly object asking = new();
    private readonly Dictionary<int, SharedBlock> blocks = [];
    private readonly List<SafeFileHandle> attached = [];   // to the memory that follows
    private HashSet<int>? own;   // null until this worker has asked for memory
    private ControlMessage? answer;

    /// <summary>By the reader thread.</summary>
    public void Take(ControlMessage message, SafeFileHandle? file)
    {
        lock (gate)
        {
            if (message.Kind == ControlKind.Attachment && file is not null)
                Attach((int)message.Length, file);
            if (message.Kind is ControlKind.Buffer or ControlKind.Granted && file is not null)
            {
                blocks[message.Id] = SharedBlock.Open(message.Id, file, [.. attached], message.Length, OnFree, Transfer);
                attached.Clear();
            }
            if (message.Kind == ControlKind.DropBuffer && blocks.Remove(message.Id, out SharedBlock? dropped))
                dropped.Dispose();
            if (message.Kind is ControlKind.Granted or ControlKind.BufferRefused)
                answer = message;
            Monitor.PulseAll(gate);
        }
    }

    /// <summary>Memory that a call was given: its descriptor may still be on the way.</summary>
    public SharedBlock Lend(int id)
    {
        lock (gate)
        {
            SharedBlock? block;
            while (!blocks.TryGetValue(id, out block))
                Monitor.Wait(gate);
            block.AddReference();
            return block;
        }
    }

    /// <summary>New memory, from the host: it goes back to it when nobody here refers to it, or with a result.</summary>
    /// <exception cref="InsufficientMemoryException">The host has none.</exception>
    public SharedBlock Allocate(long length)
    {
        lock (asking)
        {
            send(FrameKind.WantBuffer, length);
            lock (gate)
            {
                while (answer is null)
                    Monitor.Wait(gate);
                ControlMessage message = answer.Value;
                answer = null;
                if (message.Kind == ControlKind.BufferRefused)
                    throw new InsufficientMemoryException($"{length} bytes of shared memory could not be had by the host.");
                (own ??= []).Add(message.Id);
                SharedBlock block = blocks[message.Id];
                block.Revive();
                return block;
            }
        }
    }

    /// <summary>From the first on: what came before was tried in vain, or is another memory's now.</summary>
    private void Attach(int number, SafeFileHandle file)
    {
        if (number == 0)
            attached.Clear();
        attached.Add(file);
    }

    private void Transfer(SharedBlock block)
    {
        lock (gate)
            own?.Remove(block.Id);
    }

    private void OnFree(SharedBlock block)
    {
        bool mine;
        lock (gate)
            mine = own?.Remove(block.Id) == true;
        if (mine)
            send(FrameKind.BufferReleased, block.Id);
    }
}
