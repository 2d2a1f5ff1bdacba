using System.Diagnostics;
using Kernmantle.Wire;
using Kernmantle.Wire.Bytes;
using Kernmantle.Wire.Shared;

namespace Kernmantle.Child.Lane;

/// <summary>Answers to the items of a map, and the items of a stream: they are appended to a record that stays open. By the thread that runs calls, but for <see cref="LeaveNothingBehind"/>.</summary>
internal sealed unsafe class WorkerItems
{
    private const int RecordBytes = 8 << 10;

    private readonly WorkerRings rings;
    private readonly Action<OpenRecord> prepare;

    private OpenRecord open;
    private int filled;
    private int items;
    private long opened;
    private volatile bool isOpen;
    private volatile bool closeWanted;
    private int writer;

    public WorkerItems(WorkerRings rings) => (this.rings, prepare) = (rings, Prepare);

    /// <summary>Appends the answer to an item of a map. False: it is too large for that.</summary>
    public bool TryAnswer(long sequence, ReadOnlySpan<byte> body) => TryAppend(FrameKind.QuickItems, sequence, body, out _);

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
        const int Room = RecordBytes - OpenRecord.HeadSize;
        int size = sizeof(int) + body.Length;
        if (size > Room)
            return false;
        if (isOpen && filled + size > Room)
            Close();
        if (closeWanted)
            Close();
        isNew = !isOpen;
        if (isNew)
            Open(kind, sequence);
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
        open.Close((int)Math.Clamp(Stopwatch.GetElapsedTime(opened).TotalNanoseconds / items, 1, int.MaxValue));
        rings.Announce();
    }

    private void Open(FrameKind kind, long sequence)
    {
        rings.SendOpen(kind, sequence, RecordBytes, prepare);
        opened = Stopwatch.GetTimestamp();
    }

    private void Prepare(OpenRecord record)
    {
        open = record;
        (filled, items, writer) = (0, 0, Environment.CurrentManagedThreadId);
        (closeWanted, isOpen) = (false, true);
    }
}
