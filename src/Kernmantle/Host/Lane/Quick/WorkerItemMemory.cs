using Kernmantle.Host.Lane.Rings;
using Kernmantle.SharedBuffers;
using Kernmantle.Wire;
using Kernmantle.Wire.Bytes;

namespace Kernmantle.Host.Lane.Quick;

/// <summary>
/// What a worker says of memory that items of channels carry. It may say so of what it has; what is not there any more is passed over, since it can have gone meanwhile. Who asks by name was told the name by an item,
/// which anybody may have written: a wrong one is answered, and no reason to blame who asks.
/// </summary>
internal sealed class WorkerItemMemory(WorkerBuffers buffers, SharedLane lane)
{
    /// <exception cref="ProtocolViolationException">No correct worker says that.</exception>
    /// <exception cref="InvalidPayloadException">As little.</exception>
    public void OnFrame(FrameKind kind, long id, ReadOnlySpan<byte> body)
    {
        var reader = new PayloadReader(body);
        if (kind == FrameKind.WantMemoryOf)
            Answer(id, new(reader.ReadInt32(), reader.ReadInt64()));
        else
            OnItem(kind, id, reader.ReadInt32(), reader.ReadInt64(), ref reader);
    }

    private void OnItem(FrameKind kind, long id, int ring, long position, ref PayloadReader reader)
    {
        if (reader.Remaining > IItemMemory.Most * sizeof(int))
            throw new ProtocolViolationException($"{reader.Remaining / sizeof(int)} pieces of memory with one item");
        if (Find(id) is not { } channel)
            return;
        List<SharedBlock> memory = [];
        try
        {
            if (channel.Content is not IItemMemory items)
                throw new ProtocolViolationException($"an item of {id}, which is no channel");
            if (kind == FrameKind.ItemDone)
            {
                items.Unload(channel, buffers.Worker.Id, ring, position);
                return;
            }
            while (reader.Remaining > 0)
            {
                if (Find(reader.ReadInt32()) is { } block)
                    memory.Add(block);
            }
            items.Load(channel, buffers.Worker.Id, ring, position, memory, buffers.InItems);
        }
        finally
        {
            foreach (SharedBlock block in memory)
                block.Release();
            channel.Release();
        }
    }

    /// <summary>With a reference.</summary>
    private SharedBlock? Find(long id) => id is > 0 and <= int.MaxValue ? SharedBlocks.Find((int)id, buffers) : null;

    private void Answer(long number, BlockName name)
    {
        using var body = new PooledBuffer();
        var writer = new PayloadWriter(body);
        if (SharedBlocks.Find(name) is not { } block)
        {
            writer.WriteByte((byte)MemoryAnswerKind.None);
        }
        else
        {
            BlockUse use = block.Use!;
            bool isGiven = buffers.TryGive(block);
            writer.WriteByte((byte)(isGiven ? MemoryAnswerKind.Given : MemoryAnswerKind.TooMuch));
            writer.WriteByte(use.Kind);
            writer.WriteInt64(use.Parameter);
        }
        lane.Send(FrameKind.MemoryAnswer, number, body.Written);
    }
}
