using System.Diagnostics;
using Kernmantle.Wire;
using Kernmantle.Wire.Bytes;
using Kernmantle.Wire.Shared;

namespace Kernmantle.Child.Lane;

/// <summary>Answers to the items of a map, and the items of a stream: they are appended to a record that stays open. By the thread that runs calls, but for <see cref="LeaveNothingBehind"/>.</summary>
internal sealed unsafe class WorkerItems
{
    private readonly WorkerRings rings;
    private readonly Action<OpenRecord> prepare;

    /// <summary>What the first record takes of the ring, and one after another that was closed before it held much.</summary>
    private const int Smallest = 8 << 10;

    private readonly int largest;
    private int recordBytes = Smallest;

    private OpenRecord open;
    private int filled;
    private int items;
    private long opened;
    private volatile bool isOpen;
    private volatile bool closeWanted;
    private int writer;

    public WorkerItems(WorkerRings rings, int largestRecord) => (this.rings, prepare, largest) = (rings, Prepare, largestRecord / 2);

    /// <summary>Appends the answer to an item of a map, or to a call that joined others. False: it is too large for that.</summary>
    /// <param name="sequence">Its number.</param>
    /// <param name="body">The answer.</param>
    /// <param name="isAwaited">Somebody waits for this one, whatever comes behind it.</param>
    public bool TryAnswer(long sequence, ReadOnlySpan<byte> body, bool isAwaited)
    {
        if (!TryAppend(FrameKind.QuickItems, sequence, body, out bool isNew))
            return false;
        if (isAwaited && !isNew)
            rings.Announce();   // there is no telling how long the next one takes
        return true;
    }

    /// <summary>Sends an item of the stream that the main thread runs.</summary>
    public void Send(long sequence, PooledBuffer body)
    {
        if (!TryAppend(FrameKind.StreamItems, sequence, body.Written, out bool isNew))
        {
            Close();
            rings.Answer(FrameKind.QuickItem, sequence, 0, body, RingRecord.NotMeasured);
        }
        else if (!isNew)
        {
            rings.Announce();   // there is no telling how long the next one takes
        }
    }

    private bool TryAppend(FrameKind kind, long sequence, ReadOnlySpan<byte> body, out bool isNew)
    {
        isNew = false;
        int size = sizeof(int) + body.Length;
        if (OpenRecord.HeadSize + size > largest)
            return false;
        if (isOpen && OpenRecord.HeadSize + filled + size > recordBytes)
        {
            Close();
            recordBytes = Math.Min(largest, 2 * recordBytes);   // where answers come by the dozen, fewer records hold them
        }
        if (closeWanted)
            Close();
        isNew = !isOpen;
        if (isNew)
            Open(kind, sequence, OpenRecord.HeadSize + size);
        items++;
        byte* at = open.At(filled);
        *(int*)at = body.Length;
        body.CopyTo(new Span<byte>(at + sizeof(int), body.Length));
        open.Fill(filled += size);
        if (isNew)
            rings.Announce();   // the first answer must not wait for the others
        return true;
    }

    /// <summary>
    /// What comes behind an open record is seen when that is closed: a line of the log must not wait there for an item that takes long. Only the record's own thread can close
    /// it, so that what others send waits for the next answer. While nobody else sends.
    /// </summary>
    public void LeaveNothingBehind()
    {
        if (!isOpen)
            return;
        if (writer == Environment.CurrentManagedThreadId)
            Close();
        else
            closeWanted = true;
    }

    /// <summary>No more answers go into the open record. By the thread that opened it.</summary>
    public void Close()
    {
        if (!isOpen)
            return;
        isOpen = false;
        if (filled < recordBytes / 4)
            recordBytes = Smallest;
        open.Close((int)Math.Clamp(Stopwatch.GetElapsedTime(opened).TotalNanoseconds / items, 1, int.MaxValue));
        rings.Announce();
    }

    private void Open(FrameKind kind, long sequence, int least)
    {
        if (recordBytes < least)
            recordBytes = largest;
        rings.SendOpen(kind, sequence, recordBytes, prepare);
        opened = Stopwatch.GetTimestamp();
    }

    private void Prepare(OpenRecord record)
    {
        open = record;
        (filled, items, writer) = (0, 0, Environment.CurrentManagedThreadId);
        (closeWanted, isOpen) = (false, true);
    }
}
