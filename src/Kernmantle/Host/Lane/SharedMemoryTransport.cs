using System.Net.Sockets;
using System.Runtime.InteropServices;
using Kernmantle.Host.Launch;
using Kernmantle.Platform.Linux;
using Kernmantle.Wire;
using Kernmantle.SharedBuffers;
using Kernmantle.Wire.Shared;
using Microsoft.Win32.SafeHandles;

namespace Kernmantle.Host.Lane;

/// <summary>
/// The host's end over shared memory. Frames go through two rings; the socket says when the other side has ended, carries
/// descriptors, and nudges a worker whose main thread is busy. Nothing here waits for the worker: what finds no room waits in a queue.
/// </summary>
internal sealed partial class SharedMemoryTransport : IFrameTransport
{
    private readonly CompletionPump pump;
    private readonly int ringBytes;
    private readonly MappedMemory memory;
    private readonly unsafe LinkWords* words;
    private readonly RingWriter requests;
    private readonly RingReader responses;
    private readonly SafeFileHandle file;
    private readonly AdaptiveSpin spin;
    private readonly FrameInbox inbox;
    private readonly HostSegments segments;
    private readonly Lock sendGate = new();
    private readonly Queue<Waiting> overflow = new();
    private readonly TaskCompletionSource<Exception?> failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private byte[] scratch = new byte[1024];
    private Socket? channel;
    private IFrameReceiver? receiver;
    private long nextItem;
    private int draining;
    private int disposed;
    private volatile bool pumpWanted;
    private volatile bool closed;
    private volatile bool hasEnded;

    /// <param name="pump">The pool's.</param>
    /// <param name="ringBytes">Of each of the two rings, a power of two.</param>
    /// <param name="spin">How long callers look for an answer.</param>
    /// <param name="spinBudget">How long the worker looks for a request.</param>
    /// <param name="largestBody">The largest body there may be.</param>
    /// <param name="growingInbox">What is taken and not yet handled may grow without bound.</param>
    /// <exception cref="System.ComponentModel.Win32Exception">There is no shared memory to be had.</exception>
    public unsafe SharedMemoryTransport(CompletionPump pump, int ringBytes, AdaptiveSpin spin, TimeSpan spinBudget, long largestBody, bool growingInbox = false)
    {
        (this.pump, this.ringBytes) = (pump, ringBytes);
        this.spin = spin;
        segments = new(largestBody);
        file = SharedFile.Create("kernmantle-rings", LinkWords.Size + 2L * ringBytes, reserve: true);
        memory = MappedMemory.OfRings(file, LinkWords.Size, ringBytes);
        words = (LinkWords*)memory.Start;
        byte* rings = memory.Start + LinkWords.Size;
        requests = new(rings, ringBytes, &words->RequestHead);
        responses = new(rings + 2L * ringBytes, ringBytes, &words->ResponseHead);
        inbox = new(HandleLater, pump.Kick, growingInbox);
        words->SpinMicroseconds = (int)spinBudget.TotalMicroseconds;
        words->BellBytes = pump.Bell.Length;
        words->HostWaiting = 1;
        words->Place = pump.Enter(this);
    }

    /// <summary>The pool it belongs to.</summary>
    public IBufferOwner? Pool => pump.Pool;

    /// <summary>What the worker is started with: the rings, the pool's doorbell.</summary>
    public SharedFiles Files => new(file, ringBytes, pump.Bell.File!);

    /// <summary>Calls are under way, or something waits for room.</summary>
    public bool IsBusy => !closed && (Volatile.Read(ref offered) - Volatile.Read(ref recalled) != Volatile.Read(ref taken) || overflow.Count > 0);

    /// <summary>There is something for the pump to do. Called by the pump only, under its lock.</summary>
    public unsafe bool NeedsPump => !closed && (responses.HasRecord || overflow.Count > 0 || words->HostWaiting == 0);

    /// <summary>The worker has been started; the descriptors have been handed over.</summary>
    public void Connect(Socket socket)
    {
        channel = socket;
        segments.Channel = socket.SafeHandle;
        file.Dispose();
    }

    public void Send(FrameKind kind, long id, ReadOnlySpan<byte> head, ReadOnlyMemory<byte> payload = default)
    {
        lock (sendGate)
        {
            if (closed)
                return;
            Write(kind, 0, id, head, payload);
            WakeWorker();
        }
        if (kind is FrameKind.CancelCall or FrameKind.CancelQuick or FrameKind.CancelToken or FrameKind.StreamCredit or FrameKind.Stop)
            Nudge();
    }

    public ValueTask FlushAsync(CancellationToken cancellationToken = default) => ValueTask.CompletedTask;

    public async Task ReceiveAsync(IFrameReceiver receiver)
    {
        this.receiver = receiver;
        pump.Kick();   // a quick worker has answered before
        await Task.WhenAny(EndOfChannelAsync(), failed.Task).ConfigureAwait(false);
        hasEnded = true;
        long end = responses.Position + ringBytes;   // a dead worker cannot have written more than this
        do
        {
            await inbox.EmptyAsync().ConfigureAwait(false);   // while it is full nothing is taken
            while (!closed && !TryDrain())
                await Task.Yield();   // a caller is draining, perhaps the last record
        }
        while (IsLeft(end));
        await inbox.EmptyAsync().ConfigureAwait(false);
        Close();
        if (failed.Task.IsCompleted && await failed.Task.ConfigureAwait(false) is { } failure)
            throw failure;
    }

    public ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref disposed, 1) != 0)
            return ValueTask.CompletedTask;
        Close();
        pump.Leave(this);
        while (!TryTakeDraining())
            Thread.Yield();   // nobody drains for long, since no user code runs there; from now on nobody does at all
        lock (sendGate)
        {
            memory.Dispose();
            segments.Dispose();
        }
        EndBuffers();
        file.Dispose();
        channel?.Dispose();
        return ValueTask.CompletedTask;
    }

    private bool IsLeft(long end)
    {
        lock (sendGate)
            return !closed && !failed.Task.IsCompleted && responses.HasRecord && responses.Position < end;
    }

    /// <summary>Ends the connection for what the worker wrote.</summary>
    public void Fail(ProtocolViolationException violation) => failed.TrySetResult(violation);

    /// <summary>
    /// No more frames, either way. Who sleeps here is woken. The worker, if it still lives, begins nothing more: what it has begun by
    /// now is known for good.
    /// </summary>
    public unsafe void Close()
    {
        lock (sendGate)
        {
            if (closed)
                return;
            lastBegun = Interlocked.Or(ref words->Begun, LinkWords.Recall | LinkWords.Retired) & ~(LinkWords.Recall | LinkWords.Retired);
            closed = true;
            overflow.Clear();
            failed.TrySetResult(null);
            Futex.Ring(ref words->CallerBell);
        }
    }

    private async Task EndOfChannelAsync()
    {
        byte[] nothing = new byte[1];
        try
        {
            while (await channel!.ReceiveAsync(nothing, SocketFlags.None).ConfigureAwait(false) > 0)
                continue;   // a worker has nothing to say here
        }
        catch (Exception e) when (SocketTransport.IsEnd(e))
        {
            // It has ended, which is all that matters here.
        }
    }

    private unsafe void Write(FrameKind kind, byte flags, long id, ReadOnlySpan<byte> head, ReadOnlyMemory<byte> payload)
    {
        if (head.Length + payload.Length > requests.LargestBody)
        {
            WriteLarge(kind, flags, id, head, payload.Span);
            return;
        }
        if (overflow.Count == 0 && TryWrite(kind, flags, id, head, payload.Span))
            return;
        overflow.Enqueue(new(kind, flags, id, head.ToArray(), payload));
        Volatile.Write(ref words->HostBlocked, 1);
        Interlocked.MemoryBarrier();
        FlushOverflow();   // room that came between the look and the flag would not be announced
    }

    private unsafe bool TryWrite(FrameKind kind, byte flags, long id, ReadOnlySpan<byte> head, ReadOnlySpan<byte> payload)
    {
        int length = head.Length + payload.Length;
        byte* body;
        try
        {
            if (!requests.TryReserve(length, out body))
                return false;
        }
        catch (ProtocolViolationException e)
        {
            failed.TrySetResult(e);   // the sender is not to blame: this frame is dropped, like all that come after the end
            return true;
        }
        var space = new Span<byte>(body, length);
        head.CopyTo(space);
        payload.CopyTo(space[head.Length..]);
        requests.Publish(length, kind, flags, id);
        return true;
    }

    /// <summary>Writes the body into a segment, whose reference goes through the ring.</summary>
    private void WriteLarge(FrameKind kind, byte flags, long id, ReadOnlySpan<byte> head, ReadOnlySpan<byte> payload)
    {
        int length = head.Length + payload.Length;
        if (segments.Rent(length) is not { } segment)
        {
            if (HasEnded())
                return;
            throw new InsufficientMemoryException($"{length} bytes of shared memory for a call's arguments could not be had. Send less, in parts, or give the machine or its container more memory.");
        }
        Span<byte> body = segment.Body(length);
        head.CopyTo(body);
        payload.CopyTo(body[head.Length..]);
        segment.IsInUse = true;
        var reference = new SegmentBody(segment.Id, length);
        Write(kind, (byte)(flags | RingRecord.InSegment), id, MemoryMarshal.AsBytes(new ReadOnlySpan<SegmentBody>(in reference)), default);
    }

    /// <summary>The worker has ended, which will be told: what is sent to it no longer matters.</summary>
    private bool HasEnded()
    {
        try
        {
            return closed || channel!.Poll(0, SelectMode.SelectRead);   // it becomes readable only when the process has ended
        }
        catch (ObjectDisposedException)
        {
            return true;
        }
    }

    private unsafe void FlushOverflow()
    {
        while (overflow.TryPeek(out Waiting? waiting) && TryWrite(waiting.Kind, waiting.Flags, waiting.Id, waiting.Head, waiting.Payload.Span))
            overflow.Dequeue();
        if (overflow.Count == 0)
            Volatile.Write(ref words->HostBlocked, 0);
    }

    /// <summary>Returns whether it slept.</summary>
    private unsafe bool WakeWorker()
    {
        if (Volatile.Read(ref words->WorkerWaiting) == 0)
            return false;
        Futex.Ring(ref words->WorkerBell);
        return true;
    }

    /// <summary>A main thread that runs user code looks at no ring: the worker's other thread, which waits at the socket, shall.</summary>
    private void Nudge()
    {
        if (channel is not null)
            _ = ControlChannel.TrySend(channel.SafeHandle, new(ControlKind.Nudge));
    }

    private sealed record Waiting(FrameKind Kind, byte Flags, long Id, byte[] Head, ReadOnlyMemory<byte> Payload);
}
