using System.Buffers.Binary;
using System.ComponentModel;
using System.Net.Sockets;
using Kernmantle.Host.Lane;
using Kernmantle.Host.Launch;
using Kernmantle.Logging.Events;
using Kernmantle.Platform.Linux;
using Kernmantle.Python.Values;
using Kernmantle.Python.Workers;
using Kernmantle.SharedBuffers;
using Kernmantle.SharedState;
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

    /// <summary>All that wait for one object are looked at when it changes.</summary>
    private const int MostActing = 4096;

    private const int FewestBytes = 1 + sizeof(int) + sizeof(int) + sizeof(double);

    /// <summary>What a timer can count: longer is for ever.</summary>
    private const double LongestSeconds = int.MaxValue / 1000;

    /// <summary>For code of the program's own (a channel that it made, a getter) that is under way when the worker ends.</summary>
    private static readonly TimeSpan EndBound = TimeSpan.FromSeconds(2);

    private readonly PythonSettings settings;
    private readonly Action kill;
    private readonly Action<int, long, SafeFileHandle> lend;
    private readonly SocketTransport transport;
    private readonly Socket socket;
    private readonly Task receiving;
    private readonly Lock gate = new();

    /// <summary>Held while something is handed over: nobody else believes it there before.</summary>
    private readonly Lock handing = new();

    private readonly Dictionary<int, Handed> handed = [];
    private readonly Dictionary<long, Ask> pending = [];
    private readonly HashSet<SharedBlock> kept = [];
    private readonly HashSet<Task> acting = [];
    private readonly CancellationTokenSource ended = new();
    private readonly TaskCompletionSource drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool hasEnded;
    private long heldBytes;
    private int unsent;

    /// <param name="settings">Of the pool.</param>
    /// <param name="worker">Its number and name.</param>
    /// <param name="lend">Sends it a piece of memory.</param>
    /// <param name="kill">Ends it.</param>
    /// <param name="ours">The host's end; owned.</param>
    public ObjectLink(PythonSettings settings, (int Id, string Name) worker, Action<int, long, SafeFileHandle> lend, Action kill, SafeFileHandle ours)
    {
        (this.settings, this.kill, this.lend, WorkerId, WorkerName) = (settings, kill, lend, worker.Id, worker.Name);
        socket = new(new SafeSocketHandle(ours.DangerousGetHandle(), ownsHandle: true));
        ours.SetHandleAsInvalid();
        transport = new(socket, FrameLimits.MaxBody(settings.Options.MaxPayloadBytes));
        receiving = ReceiveAsync();
    }

    public int WorkerId { get; }

    public string WorkerName { get; }

    /// <summary>Cancelled when nothing of the worker runs any more.</summary>
    public CancellationToken Ended => ended.Token;

    public TimeProvider Clock => settings.Options.TimeProvider;

    public long LimitBytes => settings.Options.MaxPayloadBytes;

    /// <summary>What the worker said that it may not; null if nothing.</summary>
    public string? Violation { get; private set; }

    /// <summary>Null: the worker takes nothing any more.</summary>
    /// <param name="settings">Of the pool.</param>
    /// <param name="process">The worker.</param>
    /// <param name="worker">Its number and name.</param>
    /// <param name="lend">Sends it a piece of memory.</param>
    /// <exception cref="InsufficientMemoryException">There are no descriptors.</exception>
    public static ObjectLink? TryOpen(PythonSettings settings, WorkerProcess process, (int Id, string Name) worker, Action<int, long, SafeFileHandle> lend)
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
                return new(settings, worker, lend, process.Kill, ours);
        }
        ours.Dispose();
        return null;
    }

    /// <summary>The worker gets it.</summary>
    public void Hand(HostObject item)
    {
        lock (handing)
        {
            bool isNew;
            lock (gate)
            {
                isNew = !handed.TryGetValue(item.Number, out Handed? known);
                if (isNew)
                    handed.Add(item.Number, known = new(item));
                known!.Count++;
            }
            if (!isNew)
                return;
            item.OnHanded(this);
            Lend(item);
        }
    }

    /// <summary>An item of a channel names it: the worker is about to get that.</summary>
    void IPythonObjects.Name(HostObject item)
    {
        if (item.Block is not null)
            throw new RefusedValueException("a shared array", "Hand it over as an argument of a call.");
        Hand(item);
    }

    /// <summary>What the worker holds of it is given back when it has ended.</summary>
    public void Keep(SharedObject held)
    {
        SharedBlock block = held.Memory.Block;
        lock (gate)
        {
            if (hasEnded || !kept.Add(block))
                return;
            block.AddReference();
        }
        block.Content!.OnLent(WorkerId, WorkerName, settings.Log);
        GC.KeepAlive(held);
    }

    /// <summary>Waits for a shared object, in the worker's name.</summary>
    /// <param name="wait">Does not throw.</param>
    /// <exception cref="InvalidOperationException">Too many wait already.</exception>
    public void Act(Func<Task> wait)
    {
        var done = new TaskCompletionSource();
        lock (gate)
        {
            if (hasEnded)
                return;
            if (acting.Count >= MostActing)
                throw new InvalidOperationException($"{MostActing} threads and tasks of this worker wait already for shared objects.");
            acting.Add(done.Task);
        }
        _ = ActAsync(wait, done);
    }

    private async Task ActAsync(Func<Task> wait, TaskCompletionSource done)
    {
        await wait().ConfigureAwait(false);
        lock (gate)
            acting.Remove(done.Task);
        done.SetResult();
    }

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

    /// <summary>Sends the answer. Where the worker has ended, and never has it: undoes what was done.</summary>
    public async Task AnswerAsync(Ask ask, AnswerStatus status, ReadOnlyMemory<byte> value, Action? undo)
    {
        bool isAwaited;
        lock (gate)
        {
            isAwaited = pending.Remove(ask.Id);
            if (ask.IsHeld)
                heldBytes -= ask.Bytes;
            unsent++;
        }
        ask.OnAnswered();
        try
        {
            if (!isAwaited || !await transport.SendAsync(FrameKind.Answer, ask.Id, [(byte)status], value).ConfigureAwait(false))
                undo?.Invoke();
        }
        catch (ObjectDisposedException)
        {
            // The program has done with it meanwhile: nobody misses what was taken.
        }
        finally
        {
            lock (gate)
            {
                unsent--;
                if (unsent == 0 && hasEnded)
                    drained.TrySetResult();
            }
        }
    }

    /// <summary>Nothing of the worker runs any more: takes what it has said, and gives up what it waits for.</summary>
    /// <param name="end">How; with exit code 0 it was asked to end, and did.</param>
    public async Task EndAsync(ProcessEnd end)
    {
        StopReceiving();
        await receiving.WaitAsync(EndBound).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Ask[] left;
        Task[] waiting;
        SharedBlock[] held;
        lock (gate)
        {
            hasEnded = true;
            waiting = [.. acting];
            held = [.. kept];
            kept.Clear();
            left = [.. pending.Values];
            pending.Clear();
        }
        await ended.CancelAsync().ConfigureAwait(false);
        foreach (Ask ask in left)
            ask.Withdraw();
        await Task.WhenAll(waiting).ConfigureAwait(false);   // what they took in its name, they have
        await DisposeAsync().ConfigureAwait(false);
        lock (gate)
        {
            if (unsent == 0)
                drained.TrySetResult();
        }
        await drained.Task.ConfigureAwait(false);   // what never got there is undone
        foreach (SharedBlock block in held)
        {
            if (block.EndFor(WorkerId, end) is { } failure)
                ProcessEvents.NotClearedUp(settings.Log, failure, WorkerName, block.Content!.Use.Kind);
        }
        Party.Forget(WorkerId);
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

    /// <summary>What has come is still read; but a process that the worker has started may hold its end open.</summary>
    private void StopReceiving()
    {
        try
        {
            socket.Shutdown(SocketShutdown.Receive);
        }
        catch (SocketException)
        {
            // The other end is closed: nothing comes.
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
            kill();
        }
    }

    private void OnAsk(long id, ReadOnlySpan<byte> body)
    {
        if (body.Length < FewestBytes)
            throw new ProtocolViolationException($"a question of {body.Length} bytes");
        Ask ask;
        lock (gate)
        {
            if (hasEnded)
                return;
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
        catch (Exception e) when (e is not (ProtocolViolationException or InvalidPayloadException))
        {
            ask.Failed(e);   // of the object, which may be the program's own: told to who asked
        }
    }

    private Handed Of(int number) => handed.TryGetValue(number, out Handed? known) ? known : throw new InvalidPayloadException($"An object {number}, which the worker does not have.");

    /// <summary>The worker says that so many of those that it was handed are gone there. Over the connection of the calls, behind the results that name it.</summary>
    /// <exception cref="ProtocolViolationException">It was not handed as many.</exception>
    /// <exception cref="InvalidPayloadException">It was not handed it.</exception>
    public void Drop(int number, int count)
    {
        HostObject? again;
        lock (gate)
        {
            Handed known = Of(number);
            if (count <= 0 || count > known.Count)
                throw new ProtocolViolationException($"an object of which {count} are gone of {known.Count}");
            known.Count -= count;
            again = known.Count > 0 ? known.Object : null;
            if (again is null)
                handed.Remove(number);
        }
        if (again is not null)
            Lend(again);   // it was handed over anew before the worker had said so, and the memory is not mapped there any more
    }

    private void Lend(HostObject item)
    {
        if (item.Block is { } block)
            lend(-item.Number, block.Length, block.File!);
        GC.KeepAlive(item);
    }

    private static TimeSpan TimeoutOf(double seconds) => seconds switch
    {
        -1 or > LongestSeconds => Timeout.InfiniteTimeSpan,
        >= 0 => TimeSpan.FromSeconds(seconds),
        _ => throw new ProtocolViolationException($"a timeout of {seconds} s"),
    };
}
