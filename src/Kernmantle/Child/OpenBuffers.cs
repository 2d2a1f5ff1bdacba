using Kernmantle.Child.Lane;
using Kernmantle.Child.Objects;
using Kernmantle.SharedBuffers;
using Kernmantle.Wire.Bytes;
using Kernmantle.Wire.Shared;

namespace Kernmantle.Child;

/// <summary>The shared buffers that one call was given: they are given back when it has ended, whatever the function kept. And the objects, which stay.</summary>
internal sealed class OpenBuffers(WorkerBlocks? blocks, ObjectCalls? objects = null) : IBufferScope, IRemoteScope
{
    private readonly List<ISharedBuffer> open = [];
    private readonly List<ArgumentView> views = [];

    /// <summary>While a request is decoded that stays until its call has ended: where it lies.</summary>
    public Segment? Lasting { get; set; }

    /// <summary>Only the host lends: what was made here does not cross by reference.</summary>
    public bool TryLend(SharedBlock block) => false;

    public SharedBlock Take(BlockName name) => blocks?.Lend(name) ?? throw new InvalidPayloadException("A shared buffer by reference over a socket.");

    public IRemoteObject GetRemote(long id) => objects is null ? throw new InvalidPayloadException("An object where its call has them elsewhere.") : new HandedObject(id, objects);

    public void Opened(ISharedBuffer buffer) => open.Add(buffer);

    public bool TryView<T>(ReadOnlySpan<byte> items, out ReadOnlyMemory<T> view)
        where T : unmanaged
    {
        view = default;
        if (Lasting is null || items.Length < ArgumentView.Least || ArgumentView.TryCreate<T>(items, Lasting) is not { } made)
            return false;
        views.Add(made);
        view = made.Memory;
        return true;
    }

    /// <summary>Before the end of the call is told, by which the host may use the memory of its request again.</summary>
    public void EndViews()
    {
        foreach (ArgumentView view in views)
            view.End();
        views.Clear();
    }

    public void Expire()
    {
        if (open.Count == 0)
            return;
        foreach (ISharedBuffer buffer in open)
            buffer.Expire();
        open.Clear();
    }
}
