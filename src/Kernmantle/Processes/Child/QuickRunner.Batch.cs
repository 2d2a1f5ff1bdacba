using Kernmantle.Calls;
using Kernmantle.Payloads;
using Kernmantle.Processes.Transport;
using Kernmantle.Processes.Transport.Shared;

namespace Kernmantle.Processes.Child;

/// <summary>Items that came in one frame: each is begun, and answered, by itself.</summary>
internal sealed partial class QuickRunner : IBatchItems
{
    private long item;
    private long last;

    private void RunBatch(long first, ReadOnlySpan<byte> body)
    {
        int id = new PayloadReader(body).ReadInt32();
        var reader = new PayloadReader(body);
        _ = reader.ReadInt32();
        (item, last) = (first - 1, first - 1 + reader.ReadInt32());
        WorkerFunction function;
        try
        {
            if (entry is null || entry.Id != id)
                entry = functions.Find(id);
            function = functions.Get(entry);   // finding it runs no user code
        }
        catch (FunctionUnavailableException e)
        {
            while (TryBegin())
                FailItem(new CallRefusal(e));
            return;
        }
        byte[] rest = reader.ReadBytes(reader.Remaining).ToArray();
        Enter(last);
        ExecutionContext.Run(context!, _ => function.RunBatch(rest, this, source.Token), null);
        Leave(last);
        console?.EndLines();
        rings.CloseItems();
    }

    public bool TryBegin()
    {
        if (item == last)
            return false;
        if (rings.TryBegin(item + 1))
        {
            item++;
            buffer.Clear();
            return true;
        }
        last = item;   // this item was recalled, and with it all that follow
        return false;
    }

    PooledBuffer IBatchItems.Result => buffer;

    void IBatchItems.Answer()
    {
        if (rings.TryAnswerItem(item, buffer.Written))
            return;
        rings.CloseItems();
        rings.Answer(FrameKind.QuickResult, item, 0, buffer.Written, RingRecord.NotMeasured);
    }

    void IBatchItems.Fail(Exception exception)
    {
        if (exception is OperationCanceledException && source.IsCancellationRequested)
            End(FrameKind.Cancelled);
        else
            Fail(exception);
        SendEnd();
    }

    private void FailItem(Exception exception)
    {
        Fail(exception);
        SendEnd();
    }

    private void SendEnd()
    {
        console?.EndLines();
        rings.CloseItems();
        rings.Answer(FrameKind.QuickEnd, item, 0, buffer.Written, RingRecord.NotMeasured);
    }
}
