using Kernmantle.Scheduling.Calls;
using Kernmantle.Wire;
using Kernmantle.Wire.Bytes;

namespace Kernmantle.Host.Lane.Quick;

/// <summary>
/// Frames whose handling runs user code (loggers, progress sinks, constructors of results), one after the other on the thread pool: such
/// code may block, and neither the pump nor another worker's caller may wait for it.
/// </summary>
internal sealed class FrameInbox(Action<FrameKind, long, ReadOnlyMemory<byte>, QuickCall?> handle, Action onRoom, bool grows) : IThreadPoolWorkItem
{
    /// <summary>While more than this waits, its worker's ring is not emptied, in bytes: a worker that writes faster than its host reads is slowed down. Unless it grows.</summary>
    private const int Limit = 1 << 20;

    /// <summary>What a frame costs beside its body: many empty ones are much, too.</summary>
    private const int Overhead = 128;

    private readonly Lock gate = new();
    private readonly Queue<(FrameKind Kind, long Id, byte[] Body, int Length, QuickCall? Call)> frames = new();
    private TaskCompletionSource? emptied;
    private long waiting;
    private bool running;

    /// <summary>Frames wait or are being handled.</summary>
    public bool IsBusy => Volatile.Read(ref running);

    public bool IsFull => !grows && Volatile.Read(ref waiting) > Limit;

    /// <param name="kind">The frame's.</param>
    /// <param name="id">The frame's.</param>
    /// <param name="body">Copied.</param>
    /// <param name="call">The quick call it answers; null for another frame.</param>
    public void Post(FrameKind kind, long id, ReadOnlySpan<byte> body, QuickCall? call)
    {
        byte[] copy = Buffers.Rent(body.Length);
        body.CopyTo(copy);
        lock (gate)
        {
            frames.Enqueue((kind, id, copy, body.Length, call));
            waiting += body.Length + Overhead;
            if (running)
                return;
            running = true;
        }
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    /// <summary>Completes when everything posted before has been handled.</summary>
    public Task EmptyAsync()
    {
        lock (gate)
            return running ? (emptied ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task : Task.CompletedTask;
    }

    void IThreadPoolWorkItem.Execute()
    {
        while (TryTake(out (FrameKind Kind, long Id, byte[] Body, int Length, QuickCall? Call) frame))
        {
            handle(frame.Kind, frame.Id, frame.Body.AsMemory(0, frame.Length), frame.Call);
            Buffers.Return(frame.Body);
        }
    }

    private bool TryTake(out (FrameKind Kind, long Id, byte[] Body, int Length, QuickCall? Call) frame)
    {
        bool hadNoRoom = IsFull;
        bool any;
        lock (gate)
        {
            any = frames.TryDequeue(out frame);
            if (any)
            {
                waiting -= frame.Length + Overhead;
            }
            else
            {
                running = false;
                emptied?.SetResult();
                emptied = null;
            }
        }
        if (!any || (hadNoRoom && !IsFull))
            onRoom();   // what waits for its turn in the ring, or for room, can go on
        return any;
    }
}
