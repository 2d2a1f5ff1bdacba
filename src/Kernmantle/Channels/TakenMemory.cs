using System.Buffers.Binary;
using Kernmantle.Payloads;
using Kernmantle.SharedBuffers;
using Kernmantle.Wire.Bytes;

namespace Kernmantle.Channels;

/// <summary>The memory that an item carries, while it is decoded: each object over it refers to it by itself.</summary>
internal sealed class TakenMemory : IBufferScope, IDisposable
{
    private readonly List<(BlockName Name, SharedBlock Block)> taken = [];

    /// <summary>The names behind an item, which is cut to what is before them.</summary>
    /// <exception cref="InvalidPayloadException">There are none.</exception>
    public static BlockName[] NamesOf(ref ReadOnlySpan<byte> item)
    {
        int count = item.Length >= sizeof(int) ? BinaryPrimitives.ReadInt32LittleEndian(item[^sizeof(int)..]) : -1;
        int bytes = count is >= 0 and <= IItemMemory.Most ? (count * BlockNames.Bytes) + sizeof(int) : int.MaxValue;
        if (bytes > item.Length)
            throw new InvalidPayloadException($"{count} names in {item.Length} bytes.");
        var reader = new PayloadReader(item[^bytes..]);
        var names = new BlockName[count];
        for (int i = 0; i < count; i++)
            names[i] = BlockNames.Read(ref reader);
        item = item[..^bytes];
        return names;
    }

    /// <summary>Takes a reference over.</summary>
    public void Add(BlockName name, SharedBlock block) => taken.Add((name, block));

    public SharedBlock Take(BlockName name)
    {
        SharedBlock block = taken.Find(t => t.Name == name).Block ?? throw new InvalidPayloadException($"Memory {name.Id}, which the item does not carry.");
        block.AddReference();
        return block;
    }

    public bool TryLend(SharedBlock block) => throw new InvalidOperationException("Items are decoded with it.");

    /// <summary>It belongs to who reads the item.</summary>
    public void Opened(ISharedBuffer buffer)
    {
    }

    public void Dispose()
    {
        foreach ((_, SharedBlock block) in taken)
            block.Release();
        taken.Clear();
    }
}
