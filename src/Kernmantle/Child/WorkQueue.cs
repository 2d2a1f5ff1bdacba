using System.Collections.Concurrent;
using Kernmantle.Child.Lane;
using Kernmantle.Wire;
using Kernmantle.Wire.Shared;

namespace Kernmantle.Child;

/// <summary>What the main thread does next. Thread-safe to add to; taken by the main thread only.</summary>
internal abstract class WorkQueue
{
    public abstract void Add(Work work);

    /// <summary>Waits for work.</summary>
    public abstract Work Take();
}

/// <summary>Fed by the reader thread alone.</summary>
internal sealed class BlockingWorkQueue : WorkQueue
{
    private readonly BlockingCollection<Work> works = [];

    public override void Add(Work work) => works.Add(work);

    public override Work Take() => works.Take();
}

/// <summary>Over shared memory the main thread takes requests itself, and runs quick calls while it is at it.</summary>
internal sealed class SharedWorkQueue(WorkerRings rings) : WorkQueue
{
    private readonly ConcurrentQueue<Work> works = new();

    /// <summary>Takes frames that are no quick calls. Set before the first <see cref="Take"/>.</summary>
    public IFrameReceiver? Receiver { get; set; }

    /// <summary>Set before the first quick call can come.</summary>
    public QuickRunner? Quick { get; set; }

    /// <summary>
    /// Takes the host's greeting before the reader thread is there, where it has come already: else that thread, which the host's first nudge wakes, and this one would both
    /// reach for it, and one of them would burn its core until the other is through with what is slowest the first time.
    /// </summary>
    public void TakeGreeting()
    {
        if (rings.HasSmallRequest)
            rings.TryTake(Receiver!, out _, out _, out _);
    }

    public override void Add(Work work)
    {
        works.Enqueue(work);
        rings.Wake();
    }

    public override Work Take()
    {
        while (true)
        {
            if (works.TryDequeue(out Work? work))
            {
                if (work is Work.Quick quick)
                    Quick!.Run(quick);
                else if (work is Work.Resume resume)
                    rings.Resume(resume.Last);
                else
                    return work;
            }
            else if (rings.TryTake(Receiver!, out RecordHeader header, out long id, out ReadOnlySpan<byte> body))
            {
                if (header.Kind.IsQuickRequest())
                    Quick!.Run(header, id, body);
            }
            else
            {
                rings.WaitForRequest();
            }
        }
    }
}
