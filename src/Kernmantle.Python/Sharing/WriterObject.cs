using System.Threading.Channels;
using Kernmantle.Python.Values;
using Kernmantle.Wire;

namespace Kernmantle.Python.Sharing;

/// <summary>The writing end of a channel. What is put into a full one waits here.</summary>
internal sealed class WriterObject<T>(ChannelWriter<T> writer) : HostObject(writer, "writer")
{
    public override void Begin(Ask ask, ref PythonReader arguments)
    {
        if (ask.Operation == Operation.Close)
        {
            string[]? error = ReadArguments.One<string[]?>(ref arguments);
            ask.Done(writer.TryComplete(error is null ? null : ReadError(error)));
            return;
        }
        if (ask.Operation != Operation.Put)
            throw new ProtocolViolationException($"operation {ask.Operation} with the writing end of a channel");
        T item = ReadArguments.One<T>(ref arguments);
        if (writer.TryWrite(item))
            ask.Done();
        else
            _ = ask.MayWait ? PutAsync(ask, item) : LookAsync(ask);
    }

    private async Task PutAsync(Ask ask, T item)
    {
        try
        {
            ask.Link.Hold(ask);
            await writer.WriteAsync(item, ask.Token).ConfigureAwait(false);
            ask.Done();
        }
        catch (OperationCanceledException) when (ask.Token.IsCancellationRequested)
        {
            ask.GivenUp();
        }
        catch (ChannelClosedException e)
        {
            ask.Closed(e.InnerException);
        }
        catch (Exception e)   // a writer of the program's own
        {
            ask.Failed(e);
        }
    }

    /// <summary>There was no room: says whether there will be any.</summary>
    private async Task LookAsync(Ask ask)
    {
        using var look = new CancellationTokenSource();
        try
        {
            ValueTask<bool> room = writer.WaitToWriteAsync(look.Token);
            if (!room.IsCompleted)
                await look.CancelAsync().ConfigureAwait(false);
            if (await room.ConfigureAwait(false))
                ask.GivenUp();
            else
                ask.Closed(null);
        }
        catch (OperationCanceledException) when (look.IsCancellationRequested)
        {
            ask.GivenUp();
        }
        catch (ObjectDisposedException e)
        {
            ask.Failed(e);
        }
        catch (Exception e)   // what the channel was completed with
        {
            ask.Closed(e);
        }
    }

    private static PythonException ReadError(string[] error) => error is [string type, string message, string traceback]
        ? new(message, type, traceback)
        : throw new Kernmantle.Wire.Bytes.InvalidPayloadException("An error that is none.");
}

/// <summary>Both ends of a channel.</summary>
internal abstract class BothSidesObject<TWrite, TRead>(object channel, ChannelReader<TRead> readFrom, ChannelWriter<TWrite> writeTo) : HostObject(channel, "channel")
{
    private readonly HostObject reader = Of(readFrom, typeof(ReaderObject<TRead>)), writer = Of(writeTo, typeof(WriterObject<TWrite>));

    public override void Begin(Ask ask, ref PythonReader arguments) =>
        (ask.Operation is Operation.Get or Operation.GiveBack ? reader : writer).Begin(ask, ref arguments);
}

/// <summary>One of the platform.</summary>
internal sealed class ChannelObject<TWrite, TRead>(Channel<TWrite, TRead> channel) : BothSidesObject<TWrite, TRead>(channel, channel.Reader, channel.Writer);

/// <summary>One between workers.</summary>
internal sealed class WorkerChannelObject<T>(WorkerChannel<T> channel) : BothSidesObject<T, T>(channel, channel.Reader, channel.Writer);
