using Kernmantle.Platform.Linux;
using Kernmantle.Wire.Shared;

namespace Kernmantle.Child.Lane;

/// <summary>The worker's end of slices: where their items lie, and how they, and those of batches, are marked as begun. By the main thread.</summary>
internal sealed unsafe class WorkerSlices(LinkWords* words, WorkerSegments segments)
{
    private bool hasAsked;
    private volatile bool hasJoined;

    public SliceMarks Marks => new(words);

    /// <summary>
    /// Whether a plain store is mark enough: the host can put a barrier into this process. That takes some milliseconds to arrange, which nobody waits for; and where the system does not
    /// allow it, items are begun as calls are.
    /// </summary>
    public bool MarkPlainly
    {
        get
        {
            if (!hasAsked && words->HasRemoteBarrier != 0)
            {
                hasAsked = true;
                ThreadPool.UnsafeQueueUserWorkItem(static self => self.hasJoined = RemoteBarrier.Join(), this, preferLocal: false);
            }
            return hasJoined;
        }
    }

    /// <summary>
    /// The items of the slice that lies there, none of which has begun. The descriptor may still be on the way; null where the slice was taken back, and what it lay in is gone: the host has forbidden to
    /// begin before, and this thread has not read <c>Resume</c>, which stands behind the slice.
    /// </summary>
    public byte* Find(int segment)
    {
        LinkWords* own = words;
        return segments.Find(segment, () => Volatile.Read(ref own->Begun) < 0) is { } found ? found.ItemsStart : null;
    }
}
