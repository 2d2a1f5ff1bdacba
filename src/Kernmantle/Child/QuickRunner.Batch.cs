using Kernmantle.Functions;
using Kernmantle.Wire;
using Kernmantle.Wire.Bytes;
using Kernmantle.Wire.Shared;

namespace Kernmantle.Child;

/// <summary>Items that came in one frame: each is begun, and answered, by itself.</summary>
internal sealed partial class QuickRunner : IBatchItems
{
    private long item;
    private long last;

    /// <summary>Of items from there on, each is left before the next one begins.</summary>
    private long leftFrom;

    /// <summary>Up to this item they are begun as calls are; by the cheaper way after it.</summary>
    private long lastMarkedAsCall;

    /// <summary>The items are calls of different callers, which joined on their way.</summary>
    private bool joined;

    /// <summary>What each item finds as its own: the context, with the span that the items belong to, and who takes what is awaited.</summary>
    private ExecutionContext? itemContext;

    private SynchronizationContext? itemThread;

    private void RunMany(FrameKind kind, long first, byte flags, ReadOnlyMemory<byte> body)
    {
        lastMarkedAsCall = leftFrom = long.MaxValue;
        objects.Own!.Running = 0;
        if (kind == FrameKind.QuickSlice)
            RunSlice(first, flags, body.Span);
        else
            RunBatch(first, flags, body);
    }

    private void RunBatch(long first, byte flags, ReadOnlyMemory<byte> body)
    {
        var reader = new PayloadReader(body.Span);
        int id = reader.ReadInt32();
        (item, last) = (first - 1, first - 1 + reader.ReadInt32());
        currentFlags = flags;
        WorkerFunction function;
        try
        {
            if (entry is null || entry.Id != id)
                entry = functions.Find(id);
            function = functions.Get(entry);   // finding it runs no user code
        }
        catch (WorkerException e) when (e is FunctionUnavailableException or NotPortableException)
        {
            while (TryBegin())
                FailItem(new CallRefusal(e));
            return;
        }
        int captures = reader.ReadInt32();
        joined = captures == RingRecord.OwnCaptures;
        captures = Math.Max(captures, 0);
        ReadOnlyMemory<byte> rest = body[^reader.Remaining..];
        bool plain = (flags & RingRecord.Timed) == 0 && rings.Slices.MarkPlainly;
        if (plain)
            lastMarkedAsCall = first;
        leftFrom = first;
        Enter(last);
        ExecutionContext.Run(context ??= NewContext(1), _ => RunItems(function, rest, captures), null);
        Leave(last);
        if (plain && item >= first)
            rings.Slices.Marks.End(first, item);
        main.Leave();
        console?.EndLines();
        rings.Items.Close();
    }

    private void RunItems(WorkerFunction function, ReadOnlyMemory<byte> body, int captures)
    {
        trace?.Enter();
        if (function.Shape.Kind != ReturnKind.Value)
            main.Attend();
        (itemContext, itemThread) = (trace is null ? context : ExecutionContext.Capture(), SynchronizationContext.Current);
        function.RunBatch(body.Span[..captures], joined, body.Span[captures..], this);
        main.Wait(objects.EndAsync());
    }

    public bool TryBegin()
    {
        if (item == last)
            return false;
        if (item >= lastMarkedAsCall ? rings.Slices.Marks.TryBegin(item + 1) : rings.TryBegin(item + 1))
        {
            if (item++ >= leftFrom)
                LeaveItem();
            buffer.Clear();
            return true;
        }
        last = item;   // this item was recalled, and with it all that follow
        return false;
    }

    /// <summary>What the item before has set for itself is not the next one's. Of another caller's call, nothing is.</summary>
    private void LeaveItem()
    {
        ExecutionContext.Restore(itemContext!);
        if (SynchronizationContext.Current != itemThread)
            SynchronizationContext.SetSynchronizationContext(itemThread);
        if (!joined)
            return;
        main.Leave();
        source.TryReset();   // but where it is cancelled: then no other item begins
    }

    T IFunctionWait.Wait<T>(ValueTask<T> task)
    {
        if (!task.IsCompleted)
            rings.Items.Close();
        return main.Wait(task);
    }

    void IFunctionWait.Wait(ValueTask task)
    {
        if (!task.IsCompleted)
            rings.Items.Close();
        main.Wait(task);
    }

    CancellationToken IBatchItems.Token => source.Token;

    void IBatchItems.Start() => rings.StartQuick(item, currentFlags);

    void IBatchItems.Stop()
    {
        if (joined)
            main.Wait(objects.EndAsync());
        rings.StopQuick(item);
    }

    PooledBuffer IBatchItems.Result => buffer;

    void IBatchItems.Answer()
    {
        if (joined)
            console?.EndLines();
        if (rings.Items.TryAnswer(item, buffer.Written, isAwaited: joined))
            return;
        rings.Items.Close();
        rings.Answer(FrameKind.QuickResult, item, 0, buffer, RingRecord.NotMeasured);
    }

    void IBatchItems.Fail(Exception exception, bool atResult)
    {
        if (joined && !atResult)
            exception = EndObjects() ?? exception;
        if (exception is OperationCanceledException && source.IsCancellationRequested)
            End(FrameKind.Cancelled);
        else
            Fail(atResult && ResultEncoding.IsRefusal(exception) ? new CallRefusal((WorkerException)exception) : exception);
        SendEnd();
    }

    /// <summary>What the call asked of objects, and did not wait for. Returns how that failed.</summary>
    private Exception? EndObjects()
    {
        try
        {
            main.Wait(objects.EndAsync());
            return null;
        }
        catch (Exception e)
        {
            return e;
        }
    }

    private void FailItem(Exception exception)
    {
        Fail(exception);
        SendEnd();
    }

    private void SendEnd()
    {
        console?.EndLines();
        rings.Items.Close();
        rings.Answer(FrameKind.QuickEnd, item, 0, buffer, RingRecord.NotMeasured);
    }
}
