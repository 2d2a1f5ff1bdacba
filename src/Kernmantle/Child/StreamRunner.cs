using Kernmantle.Functions;
using Kernmantle.Wire;
using Kernmantle.Wire.Bytes;

namespace Kernmantle.Child;

/// <summary>Sends the items of one stream, as fast as the consumer's credit allows.</summary>
internal sealed class StreamRunner(CallLinks links, PreparedCall call, WorkerIdentity worker, MainThread main)
{
    public void Run()
    {
        links.OpenStream(worker.FrameWindow);
        call.Invoke(main, links.Token);
        try
        {
            SendItems();
        }
        finally
        {
            main.Wait(call.DisposeAsync());
        }
    }

    private void SendItems()
    {
        using var body = new PooledBuffer(worker.MaxPayload, "An item of the stream");
        while (main.Wait(call.MoveNextAsync()))
        {
            links.TakeCredit();
            body.Clear();
            body.EncodeItem(call);
            links.Send(FrameKind.StreamItem, body.Written);
        }
    }
}
