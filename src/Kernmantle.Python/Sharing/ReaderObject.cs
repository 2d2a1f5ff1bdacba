using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using Kernmantle.Python.Values;
using Kernmantle.Wire;

namespace Kernmantle.Python.Sharing;

/// <summary>
/// The reading end of a channel. An item is taken only to answer who asks, in the order in which they came; one that did not reach its worker, since that died or did not want
/// it any more, is the next one for whoever asks.
/// </summary>
internal sealed class ReaderObject<T>(ChannelReader<T> reader) : HostObject(reader, "reader")
{
    private const int MostAtOnce = 16;

    private readonly Lock gate = new();
    private readonly LinkedList<Ask> waiting = [];
    private readonly Queue<T> returned = [];
    private Action? wake;
    private bool isServing;

    public override void Begin(Ask ask, ref PythonReader arguments)
    {
        if (ask.Operation == Operation.GiveBack)
        {
            Return(ReadArguments.One<T>(ref arguments));
            ask.Done();
            return;
        }
        if (ask.Operation != Operation.Get)
            throw new ProtocolViolationException($"operation {ask.Operation} with the reading end of a channel");
        ReadArguments.None(ref arguments);
        Add(ask);
    }

    private void Add(Ask ask)
    {
        LinkedListNode<Ask> place;
        bool begins;
        Action? wakeServer;
        lock (gate)
        {
            place = waiting.AddLast(ask);
            begins = !isServing;
            isServing = true;
            wakeServer = begins || ask.MayWait ? null : wake;
        }
        if (begins)
            _ = ServeAsync();
        wakeServer?.Invoke();
        lock (gate)
        {
            if (place.List is null || !ask.MayWait)
                return;
        }
        ask.Token.UnsafeRegister(_ => GiveUp(ask), null);
    }

    private void GiveUp(Ask ask)
    {
        bool isWaiting;
        lock (gate)
            isWaiting = waiting.Remove(ask);
        if (isWaiting)
            ask.GivenUp();
    }

    /// <summary>Runs while somebody waits: there is one that looks at the channel, since it may be made for no more.</summary>
    private async Task ServeAsync()
    {
        int delivered = 0;
        while (true)
        {
            CancellationToken token;
            lock (gate)
            {
                if (waiting.Count == 0)
                {
                    isServing = false;
                    return;
                }
                var sleep = new CancellationTokenSource();
                (token, wake) = (sleep.Token, sleep.Cancel);
            }
            try
            {
                if (TryTake(out T? item))
                {
                    Deliver(item);
                    if (++delivered % MostAtOnce == 0)
                        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);   // whoever asked first is not kept
                    continue;
                }
                if (!reader.Completion.IsCompleted)
                    RefuseWhoDoNotWait();
                if (!await reader.WaitToReadAsync(token).ConfigureAwait(false))
                    End(static ask => ask.Closed(null));
            }
            catch (OperationCanceledException) when (token.IsCancellationRequested)
            {
                // An item came back, or somebody asks who does not wait.
            }
            catch (InvalidDataException e)   // somebody spoilt this item: the others are as they were
            {
                Next()?.Failed(e);
            }
            catch (TimeoutException e) when (!reader.Completion.IsCompleted)   // another process keeps the channel's file to itself
            {
                Next()?.Failed(e);
            }
            catch (ObjectDisposedException e)
            {
                End(ask => ask.Failed(e));
            }
            catch (Exception e)   // what the channel was completed with
            {
                End(ask => ask.Closed(e));
            }
        }
    }

    private bool TryTake([MaybeNullWhen(false)] out T item)
    {
        lock (gate)
        {
            if (returned.TryDequeue(out item))
                return true;
        }
        return reader.TryRead(out item);
    }

    private void RefuseWhoDoNotWait()
    {
        Ask[] refused;
        lock (gate)
        {
            refused = [.. waiting.Where(static ask => !ask.MayWait)];
            foreach (Ask ask in refused)
                waiting.Remove(ask);
        }
        foreach (Ask ask in refused)
            ask.GivenUp();
    }

    private Ask? Next()
    {
        lock (gate)
        {
            Ask? first = waiting.First?.Value;
            if (first is not null)
                waiting.RemoveFirst();
            return first;
        }
    }

    private void Deliver(T item)
    {
        if (Next() is not { } ask)
        {
            Return(item);
            return;
        }
        ask.Link.OnItemTaken(ask.Handed);
        ask.Done(item, undo: () => Return(item));
    }

    private void Return(T item)
    {
        Action? wakeServer;
        lock (gate)
        {
            returned.Enqueue(item);
            wakeServer = wake;
        }
        wakeServer?.Invoke();
    }

    /// <summary>The channel has ended: so do those who wait, unless an item has come back meanwhile.</summary>
    private void End(Action<Ask> tell)
    {
        while (true)
        {
            lock (gate)
            {
                if (returned.Count > 0)
                    return;
            }
            if (Next() is not { } ask)
                return;
            tell(ask);
        }
    }
}
