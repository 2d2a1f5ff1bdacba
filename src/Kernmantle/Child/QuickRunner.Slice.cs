using System.Diagnostics;
using System.Runtime.InteropServices;
using Kernmantle.Functions;
using Kernmantle.Wire;
using Kernmantle.Wire.Bytes;
using Kernmantle.Wire.Shared;

namespace Kernmantle.Child;

/// <summary>Items that lie in memory which the host sees: what is not said of an item by a failure, its result says.</summary>
internal sealed unsafe partial class QuickRunner : ISliceItems
{
    private void RunSlice(long first, byte flags, ReadOnlySpan<byte> body)
    {
        var head = MemoryMarshal.Read<SliceHead>(body);
        byte[] captures = body[SliceHead.Size..].ToArray();
        (item, last, currentFlags) = (first - 1, first - 1 + head.Count, flags);
        WorkerFunction function;
        try
        {
            if (entry is null || entry.Id != head.Function)
                entry = functions.Find(head.Function);
            function = functions.Get(entry);   // finding it runs no user code
        }
        catch (WorkerException e) when (e is FunctionUnavailableException or NotPortableException)
        {
            while (TryBegin())
                FailItem(new CallRefusal(e));
            return;
        }
        Enter(last);
        ExecutionContext.Run(context ??= NewContext(1), _ => RunSlice(function, head, captures, first), null);
        Leave(last);
        main.Leave();
        console?.EndLines();
        rings.Items.Close();
    }

    private void RunSlice(WorkerFunction function, in SliceHead head, byte[] captures, long first)
    {
        trace?.Enter();
        bool isNew = entry!.IsNew, plain = (currentFlags & RingRecord.Timed) == 0 && rings.Slices.MarkPlainly;
        entry.IsNew = false;
        byte* start = rings.Slices.Find(head.Segment);
        if (start is null)
            return;   // it was taken back
        var run = new SliceRun((nint)start, (nint)(start + head.Results), first, head.Count, rings.Slices.Marks, plain, this);
        long started = Stopwatch.GetTimestamp();
        int next = 0;
        bool failed = false;
        while (next < head.Count)
        {
            try
            {
                int end = function.RunSlice(captures, head.BindOnce != 0, run, next);
                failed &= end == next;
                next = end;
                break;
            }
            catch (Exception e)
            {
                item = plain ? Math.Max(rings.Slices.Marks.Last, first) : item;
                next = (int)(item - first) + 1;
                start[head.Failures + ((next - 1) >> 3)] |= (byte)(1 << ((next - 1) & 7));   // before the host can hear of it, and use the memory again
                ((IBatchItems)this).Fail(e, atResult: false);
                failed = true;
            }
        }
        if (next == 0)
            return;   // none was begun
        item = first + next - 1;
        if (plain)
            rings.Slices.Marks.End(first, item);
        if (failed)
            return;   // its failure was the last answer
        long nanoseconds = isNew ? 0 : Math.Max(1, (long)Stopwatch.GetElapsedTime(started).TotalNanoseconds / next);
        console?.EndLines();
        buffer.Clear();
        buffer.Append(MemoryMarshal.AsBytes(new ReadOnlySpan<long>(in nanoseconds)));
        rings.Answer(FrameKind.SliceEnd, item, 0, buffer, RingRecord.NotMeasured);
    }

    CancellationToken ISliceItems.Token => source.Token;

    bool ISliceItems.TryBegin(long number)
    {
        if (!rings.TryBegin(number))
            return false;
        item = number;
        rings.StartQuick(number, currentFlags);
        return true;
    }

    void ISliceItems.Stop(long number) => rings.StopQuick(number);
}
