using Kernmantle.Child.Lane;
using Kernmantle.SharedBuffers;
using Kernmantle.Wire.Bytes;

namespace Kernmantle.Child;

/// <summary>The shared buffers that one call was given: they are given back when it has ended, whatever the function kept.</summary>
internal sealed class OpenBuffers(WorkerBlocks? blocks) : IBufferScope
{
    private readonly List<ISharedBuffer> open = [];

    public bool TryLend(SharedBlock block) => throw new InvalidOperationException("Only the host lends.");

    public SharedBlock Take(int id) => blocks?.Lend(id) ?? throw new InvalidPayloadException("A shared buffer by reference over a socket.");

    public void Opened(ISharedBuffer buffer) => open.Add(buffer);

    public void Expire()
    {
        if (open.Count == 0)
            return;
        foreach (ISharedBuffer buffer in open)
            buffer.Expire();
        open.Clear();
    }
}
