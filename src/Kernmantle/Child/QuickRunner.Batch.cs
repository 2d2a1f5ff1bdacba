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

    private void RunMany(FrameKind kind, long first, byte flags, ReadOnlySpan<byte> body)
    {
        if (kind == FrameKind.QuickSlice)
            RunSlice(first, flags, body);
        else
            RunBatch(first, flags, body);
    }

    private void RunBatch(long first, byte flags, ReadOnlySpan<byte> body)
    {
        var reader = new PayloadReader(body);
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
        byte[] rest = reader.ReadBytes(reader.Remaining).ToArray();
        Enter(last);
        ExecutionContext.Run(context ??= NewContext(1), _ => RunItems(function, rest, captures), null);
        Leave(last);
        main.Leave();
        console?.EndLines();
        rings.Items.Close();
    }

    private void RunItems(WorkerFunction function, byte[] body, int captures)
    {
        if (function.Shape.Kind != ReturnKind.Value)
            main.Attend();
        function.RunBatch(body.AsSpan(0, captures), body.AsSpan(captures), this);
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

    T IFunctionWait.Wait<T>(ValueTask<T> task) => main.Wait(task);

    void IFunctionWait.Wait(ValueTask task) => main.Wait(task);

    CancellationToken IBatchItems.Token => source.Token;

    void IBatchItems.Start() => rings.StartQuick(item, currentFlags);

    void IBatchItems.Stop() => rings.StopQuick(item);

    PooledBuffer IBatchItems.Result => buffer;

    void IBatchItems.Flush() => rings.Items.Close();

    void IBatchItems.Answer()
    {
        if (rings.Items.TryAnswer(item, buffer.Written))
            return;
        rings.Items.Close();
        rings.Answer(FrameKind.QuickResult, item, 0, buffer, RingRecord.NotMeasured);
    }

    void IBatchItems.Fail(Exception exception, bool atResult)
    {
        if (exception is OperationCanceledException && source.IsCancellationRequested)
            End(FrameKind.Cancelled);
        else
            Fail(atResult && ResultEncoding.IsRefusal(exception) ? new CallRefusal((WorkerException)exception) : exception);
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
        rings.Items.Close();
        rings.Answer(FrameKind.QuickEnd, item, 0, buffer, RingRecord.NotMeasured);
    }
}
