using System.Buffers.Binary;
using System.ComponentModel;
using System.Net.Sockets;
using Kernmantle.Host.Lane;
using Kernmantle.Host.Launch;
using Kernmantle.Platform.Linux;
using Kernmantle.Python.Values;
using Kernmantle.Python.Workers;
using Kernmantle.Wire;
using Kernmantle.Wire.Bytes;
using Kernmantle.Wire.Shared;
using Microsoft.Win32.SafeHandles;

namespace Kernmantle.Python.Sharing;

/// <summary>
/// The connection over which one worker asks for operations with what it was handed (Agent/PROTOCOL.md). It is apart from that of the calls, so that neither holds up the other, and any thread of the
/// worker may wait there. What the worker says is not believed: it names what it was handed, or ends. Thread-safe.
/// </summary>
internal sealed class ObjectLink : IFrameReceiver, IPythonObjects, IPythonObjectSource, IAsyncDisposable
{
    /// <summary>The agent asks for no more at once, and reads its answers.</summary>
    private const int MostPending = 1 << 16;

    private const int FewestBytes = 1 + sizeof(int) + sizeof(int) + sizeof(double);

    /// <summary>What a timer can count: longer is for ever.</summary>
    private const double LongestSeconds = int.MaxValue / 1000;

    /// <summary>For code of the program's own (a channel that it made, a getter) that is under way when the worker ends.</summary>
    private static readonly TimeSpan EndBound = TimeSpan.FromSeconds(2);

    private readonly PythonSettings settings;
    private readonly WorkerProcess process;
    private readonly SocketTransport transport;
    private readonly Socket socket;
    private readonly Task receiving;
    private readonly Lock gate = new();
    private readonly Dictionary<int, Handed> handed = [];
    private readonly Dictionary<long, Ask> pending = [];
    private long heldBytes;
    private int unsent;

    private ObjectLink(PythonSettings settings, WorkerProcess process, (int Id, string Name) worker, SafeFileHandle ours)
    {
        (this.settings, this.process, WorkerId, WorkerName) = (settings, process, worker.Id, worker.Name);
        socket = new(new SafeSocketHandle(ours.DangerousGetHandle(), ownsHandle: true));
        ours.SetHandleAsInvalid();
        transport = new(socket, FrameLimits.MaxBody(settings.Options.MaxPayloadBytes));
        receiving = ReceiveAsync();
    }

    public int WorkerId { get; }

    public string WorkerName { get; }

    public TimeProvider Clock => settings.Options.TimeProvider;

    public long LimitBytes => settings.Options.MaxPayloadBytes;

    /// <summary>What the worker said that it may not; null if nothing.</summary>
    public string? Violation { get; private set; }

    /// <summary>Null: the worker takes nothing any more.</summary>
    /// <exception cref="InsufficientMemoryException">There are no descriptors.</exception>
    public static ObjectLink? TryOpen(PythonSettings settings, WorkerProcess process, (int Id, string Name) worker)
    {
        SafeFileHandle ours, theirs;
        try
        {
            (ours, theirs) = Descriptors.SocketPair();
        }
        catch (Win32Exception e)
        {
            throw new InsufficientMemoryException($"No connection for shared objects could be had: {e.Message}", e);
        }
        using (theirs)
        {
            if (ControlChannel.TrySend(process.Files!, new(ControlKind.Objects), theirs))
                return new(settings, process, worker, ours);
        }
        ours.Dispose();
        return null;
    }

    /// <summary>The worker gets it.</summary>
    public void Hand(HostObject item)
    {
        lock (gate)
        {
            if (!handed.TryGetValue(item.Number, out Handed? known))
                handed.Add(item.Number, known = new(item));
            known.Count++;
        }
        item.OnHanded(this);
    }

    /// <summary>An item of a channel names it: the worker is about to get that.</summary>
    void IPythonObjects.Name(HostObject item) => Hand(item);

    public HostObject Find(int number)
    {
        lock (gate)
            return Of(number).Object;
    }

    /// <summary>The worker gets an item of it, which it may give back.</summary>
    public void OnItemTaken(Handed channel)
    {
        lock (gate)
            channel.Taken++;
    }

    /// <summary>It waits with what it is to put somewhere.</summary>
    /// <exception cref="InsufficientMemoryException">So much waits already.</exception>
    public void Hold(Ask ask)
    {
        lock (gate)
        {
            if (heldBytes + ask.Bytes > LimitBytes * 4)
                throw new InsufficientMemoryException($"{heldBytes} bytes wait already to be put into channels. The pool's MaxPayloadBytes, {LimitBytes}, allows four times as much.");
            heldBytes += ask.Bytes;
            ask.IsHeld = true;
        }
    }

    /// <summary>Sends the answer. False: the worker has ended, and never has it.</summary>
    public async Task<bool> AnswerAsync(Ask ask, AnswerStatus status, ReadOnlyMemory<byte> value)
    {
        lock (gate)
        {
            if (!pending.Remove(ask.Id))
                return false;
            if (ask.IsHeld)
                heldBytes -= ask.Bytes;
            unsent++;
        }
        ask.OnAnswered();
        bool isSent = await transport.SendAsync(FrameKind.Answer, ask.Id, [(byte)status], value).ConfigureAwait(false);
        lock (gate)
            unsent--;
        return isSent;
    }

    /// <summary>Nothing of the worker runs any more: takes what it has said, and gives up what it waits for.</summary>
    public async Task EndAsync()
    {
        socket.Shutdown(SocketShutdown.Receive);   // a process that it has started may hold its end open
        await receiving.WaitAsync(EndBound).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Ask[] left;
        lock (gate)
        {
            left = [.. pending.Values];
            pending.Clear();
            handed.Clear();
        }
        foreach (Ask ask in left)
            ask.Withdraw();
        await DisposeAsync().ConfigureAwait(false);
    }

    public ValueTask DisposeAsync() => transport.DisposeAsync();

    void IFrameReceiver.OnFrame(FrameKind kind, long id, ReadOnlySpan<byte> body)
    {
        switch (kind)
        {
            case FrameKind.Ask:
                OnAsk(id, body);
                break;
            case FrameKind.Withdraw when body.IsEmpty:
                Ask? ask;
                lock (gate)
                    pending.TryGetValue(id, out ask);
                ask?.Withdraw();   // else it has been answered
                break;
            default:
                throw new ProtocolViolationException($"a {kind} frame of {body.Length} bytes from who asks");
        }
    }

    private async Task ReceiveAsync()
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        try
        {
            await transport.ReceiveAsync(this).ConfigureAwait(false);
        }
        catch (Exception e) when (e is ProtocolViolationException or InvalidPayloadException)
        {
            Violation = e.Message;
            process.Kill();
        }
    }

    private void OnAsk(long id, ReadOnlySpan<byte> body)
    {
        if (body.Length < FewestBytes)
            throw new ProtocolViolationException($"a question of {body.Length} bytes");
        Ask ask;
        lock (gate)
        {
            if (pending.Count + unsent >= MostPending)
                throw new ProtocolViolationException($"more than {MostPending} questions at once");
            Handed on = Of(BinaryPrimitives.ReadInt32LittleEndian(body[1..]));
            var operation = (Operation)body[0];
            if (operation == Operation.GiveBack && on.Taken-- <= 0)
                throw new ProtocolViolationException("an item given back that it has not got");
            ask = new(this, on, id, operation, BinaryPrimitives.ReadInt32LittleEndian(body[5..]), TimeoutOf(BinaryPrimitives.ReadDoubleLittleEndian(body[9..])), body.Length);
            if (!pending.TryAdd(id, ask))
                throw new ProtocolViolationException("a question asked twice");
        }
        var arguments = new PythonReader(body[FewestBytes..], blocks: null, this);
        try
        {
            ask.Handed.Object.Begin(ask, ref arguments);
        }
        catch (PythonValueMismatchException mismatch)
        {
            ask.Failed("TypeError", mismatch.Message);
        }
    }

    private Handed Of(int number) => handed.TryGetValue(number, out Handed? known) ? known : throw new InvalidPayloadException($"An object {number}, which the worker does not have.");

    /// <summary>The worker says that so many of those that it was handed are gone there. Over the connection of the calls, behind the results that name it.</summary>
    /// <exception cref="ProtocolViolationException">It was not handed as many.</exception>
    /// <exception cref="InvalidPayloadException">It was not handed it.</exception>
    public void Drop(int number, int count)
    {
        lock (gate)
        {
            Handed known = Of(number);
            if (count <= 0 || count > known.Count)
                throw new ProtocolViolationException($"an object of which {count} are gone of {known.Count}");
            known.Count -= count;
            if (known.Count == 0)
                handed.Remove(number);
        }
    }

    private static TimeSpan TimeoutOf(double seconds) => seconds switch
    {
        -1 or > LongestSeconds => Timeout.InfiniteTimeSpan,
        >= 0 => TimeSpan.FromSeconds(seconds),
        _ => throw new ProtocolViolationException($"a timeout of {seconds} s"),
    };
}
