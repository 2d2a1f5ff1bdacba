namespace Kernmantle.SharedBuffers;

/// <summary>Where a channel was made: who keeps the memory that its items carry, from when they are written until they are done, whoever dies meanwhile. Thread-safe.</summary>
internal interface IItemMemory
{
    /// <summary>The most that one item carries, in pieces.</summary>
    const int Most = 250;

    /// <summary>An item of that ring is about to be written, or was just now, that carries that memory, which its caller has.</summary>
    /// <param name="channel">The memory of the channel.</param>
    /// <param name="worker">The number of the worker that writes it.</param>
    /// <param name="ring">The ring; whatever a worker says.</param>
    /// <param name="position">Where in it; the same.</param>
    /// <param name="memory">What it carries.</param>
    /// <param name="held">Counts it for who wrote it, while it is kept; null for who need not be limited.</param>
    void Load(SharedBlock channel, int worker, int ring, long position, IReadOnlyList<SharedBlock> memory, HeldBytes? held);

    /// <summary>That item is done, as anybody says; or was never written, or dropped, as that worker says, who was about to.</summary>
    void Unload(SharedBlock channel, int worker, int ring, long position);
}

/// <summary>How much memory the items hold that one worker has written. Thread-safe.</summary>
internal sealed class HeldBytes
{
    private long total;

    public long Total => Interlocked.Read(ref total);

    public void Add(long bytes) => Interlocked.Add(ref total, bytes);
}
