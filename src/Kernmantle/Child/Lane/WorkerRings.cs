using System.Diagnostics;
using System.Runtime.InteropServices;
using Kernmantle.Platform.Linux;
using Kernmantle.Wire;
using Kernmantle.Wire.Bytes;
using Kernmantle.Wire.Shared;
using Microsoft.Win32.SafeHandles;

namespace Kernmantle.Child.Lane;

/// <summary>
/// The worker's end over shared memory. The main thread takes requests, looking for them and then sleeping; while it runs user code, a
/// nudge over the socket makes the reader thread take them. A frame is in the ring when a send returns, where it outlives the worker.
/// </summary>
internal sealed unsafe class WorkerRings : IFrameTransport, IPayloadRooms
{
    private readonly SafeHandle channel;
    private readonly MappedMemory memory;
    private readonly LinkWords* words;
    private readonly RingReader requests;
    private readonly RingWriter responses;
    private readonly Doorbell bell;
    private readonly RequestWait wait;
    private readonly Lock sendGate = new();
    private readonly WorkerSegments segments;
    private readonly WorkerRoom waiting;
    private readonly int place;
    private int taking;

    /// <summary>The reader thread has taken a record since the main thread last looked. Written while <see cref="taking"/> is held.</summary>
    private bool readerTook;
    private readonly StepAside aside;

    /// <param name="channel">The socket.</param>
    /// <param name="files">The memory; closed when mapped.</param>
    public WorkerRings(SafeHandle channel, RingFiles files)
    {
        this.channel = channel;
        memory = files.MapRings();
        words = (LinkWords*)memory.Start;
        byte* rings = memory.Start + LinkWords.Size;
        requests = new(rings, files.RingBytes, &words->RequestHead);
        responses = new(rings + 2L * files.RingBytes, files.RingBytes, &words->ResponseHead);
        bell = files.MapBell(words->BellBytes);
        place = words->Place;
        Blocks = new(Send);
        var spin = new AdaptiveSpin(TimeSpan.FromMicroseconds(words->SpinMicroseconds));
        wait = new(words, requests, spin);
        waiting = new(words, spin);
        aside = new(words, ProcFiles.IdleTimes, Processors.TryMoveTo);
        segments = new(length => Send(FrameKind.WantSegment, length, default, isUrgent: true), waiting.LookAndWait);
        Items = new(this, responses.LargestBody);
        Slices = new(words, segments);
        Credit = new(words, waiting);
    }

    /// <summary>Where the worker goes on, as another pool's. The reader thread takes nothing more then.</summary>
    public NextRings Next { get; } = new();

    /// <summary>The memory of shared buffers.</summary>
    public WorkerBlocks Blocks { get; }

    /// <summary>Answers to items.</summary>
    public WorkerItems Items { get; }

    /// <summary>Slices of a map.</summary>
    public WorkerSlices Slices { get; }

    /// <summary>What a stream may send.</summary>
    public WorkerCredit Credit { get; }

    // --- What the worker says ---

    public void Send(FrameKind kind, long id, ReadOnlySpan<byte> head, ReadOnlyMemory<byte> payload = default)
    {
        AnswerSegment? room = Place(head, payload.Span);
        lock (sendGate)
        {
            Items.LeaveNothingBehind();
            Write(kind, 0, id, head, payload.Span, room, RingRecord.NotMeasured);
            SignalPump();
        }
    }

    // --- Large bodies ---

    int IPayloadRooms.LargestElsewhere => responses.LargestBody;

    PayloadRoom? IPayloadRooms.TryRent(int length)
    {
        AnswerSegment room = segments.Rent(length);
        WakeCallerBefore();
        return room;
    }

    /// <summary>A caller that sleeps wakes up while its result is written.</summary>
    private void WakeCallerBefore()
    {
        long caller = Volatile.Read(ref words->CallerWaiting);
        if ((caller & LinkWords.Sleeps) != 0 && caller >> 2 == (Volatile.Read(ref words->Begun) & ~(LinkWords.Recall | LinkWords.Retired)))
            Futex.Signal(ref words->CallerBell);
    }

    /// <summary>A body too large for the ring, in a segment. Not while anything is held: the host may have to do something for it.</summary>
    private AnswerSegment? Place(ReadOnlySpan<byte> head, ReadOnlySpan<byte> payload)
    {
        int length = head.Length + payload.Length;
        if (length <= responses.LargestBody)
            return null;
        AnswerSegment room = segments.Rent(length);
        Span<byte> body = room.GetSpan();
        head.CopyTo(body);
        payload.CopyTo(body[head.Length..]);
        return room;
    }

    /// <summary>A record of that many bytes, which answers to items are appended to. Within <paramref name="prepare"/> nobody else sends, and it is not seen yet.</summary>
    public void SendOpen(FrameKind kind, long sequence, int bytes, Action<OpenRecord> prepare)
    {
        lock (sendGate)
        {
            byte* body;
            while (!responses.TryReserve(bytes, out body))
                WaitForRoom(bytes);
            var open = new OpenRecord(body);
            open.Open();
            prepare(open);
            responses.Publish(bytes, kind, 0, sequence);
        }
    }

    /// <summary>Something was appended to it: the host's pump is woken if it sleeps.</summary>
    public void Announce()
    {
        Interlocked.MemoryBarrier();   // the answers, before the look at who waits
        if (Volatile.Read(ref words->HostWaiting) == 0)
            return;
        lock (sendGate)
            SignalPump();
    }

    public bool HasRoomFor(int length)
    {
        lock (sendGate)
            return responses.TryReserve(Math.Min(length, responses.LargestBody), out _);
    }

    /// <summary>A small frame. One that is urgent the host is to see at once, whoever looks; others with the next one, or when it looks by itself.</summary>
    private void Send(FrameKind kind, long id, ReadOnlySpan<byte> body, bool isUrgent)
    {
        lock (sendGate)
        {
            Items.LeaveNothingBehind();
            Write(kind, 0, id, body, default, null, RingRecord.NotMeasured);
            if (isUrgent)
                bell.Signal(place);
        }
    }

    /// <summary>Answers a quick call whose request had those flags. Who is woken depends on what its caller does.</summary>
    /// <param name="kind">Of the record.</param>
    /// <param name="sequence">The call's.</param>
    /// <param name="flags">The request's.</param>
    /// <param name="body">What is sent. Memory that it lies in is the host's from now on.</param>
    /// <param name="microseconds">How long the call took.</param>
    public void Answer(FrameKind kind, long sequence, byte flags, PooledBuffer body, ushort microseconds)
    {
        AnswerSegment? room = (AnswerSegment?)body.Room ?? Place(body.Written, default);
        aside.Before(sequence);
        lock (sendGate)
        {
            Write(kind, (byte)(flags & RingRecord.Attended), sequence, body.Written, default, room, microseconds);   // only this flag: where the request lay does not matter for the answer
            if (body.Room is not null)
                body.TakeRoom();
            bool isUnattended = (flags & RingRecord.Attended) == 0;
            wait.IsUnattended = isUnattended;
            if (isUnattended)
            {
                SignalPump();
                return;
            }
            long caller = Volatile.Read(ref words->CallerWaiting);
            if (caller >> 2 != sequence)
                return;   // the caller is awake and looking
            wait.Woke = true;
            if ((caller & LinkWords.Sleeps) != 0)
                Futex.Signal(ref words->CallerBell);
            else
                bell.Signal(place);
        }
    }

    public ValueTask FlushAsync(CancellationToken cancellationToken = default) => ValueTask.CompletedTask;

    // --- What the host says ---

    /// <summary>Takes the next request, if there is one: <paramref name="quick"/> for a quick call, the receiver for others. False: there is none.</summary>
    /// <remarks>By the main thread. A quick call's body stays until <see cref="Taken"/>, which it must call before it runs user code.</remarks>
    public bool TryTake(IFrameReceiver receiver, out RecordHeader header, out long id, out ReadOnlySpan<byte> quick)
    {
        quick = default;
        (header, id) = (default, 0);
        if (!requests.HasRecord)
            return false;
        TakeTaking();
        if (readerTook || !requests.TryPeek(out header, out id, out byte* body))
        {
            readerTook = false;
            Volatile.Write(ref taking, 0);
            return false;   // the reader thread was quicker, and what it took comes first
        }
        if (header.Kind.IsQuickRequest())
        {
            quick = Body(header, body);
            return true;
        }
        receiver.OnFrame(header.Kind, id, Body(header, body));
        Taken(header);
        return true;
    }

    /// <summary>The segment that the quick call lies in, which was taken, if it lies in one. Until <see cref="Taken"/>.</summary>
    public Segment? LiesIn { get; private set; }

    /// <summary>Gives the quick call's room back.</summary>
    public void Taken(in RecordHeader header)
    {
        requests.Advance(header);
        Interlocked.Exchange(ref taking, 0);   // a full fence: the new head, before the look at who waits for it
        if (Volatile.Read(ref words->HostBlocked) != 0)
            bell.Signal(place);
    }

    /// <summary>Waits until there is a request, or <see cref="Wake"/> is called; may return for no reason. By the main thread.</summary>
    public void WaitForRequest() => wait.Wait();

    /// <summary>Ends the main thread's wait.</summary>
    public void Wake() => wait.Wake();

    /// <summary>By the main thread, right before the first user instruction of a quick call. False: it was recalled, and must not run.</summary>
    /// <exception cref="InvalidOperationException">An earlier one was not begun: a mistake of ours, by which a call would never be answered.</exception>
    public bool TryBegin(long sequence)
    {
        long before = Interlocked.CompareExchange(ref words->Begun, sequence, sequence - 1);
        if (before >= 0 && before < sequence - 1)
            throw new InvalidOperationException($"Quick call {sequence} was taken when {before} had begun last.");
        return before == sequence - 1;
    }

    // --- The clock of the call that the main thread runs ---

    public void ResetClock()
    {
        words->ClockStopped = 0;
        Volatile.Write(ref words->ClockStarted, 0);   // all of it before the call's Begun is published
    }

    public void StartClock(long id) => Volatile.Write(ref words->ClockStarted, Stopwatch.GetTimestamp());

    public void StopClock(long id) => Volatile.Write(ref words->ClockStopped, Stopwatch.GetTimestamp());

    /// <summary>By the main thread: the function of a quick call whose request had those flags is called next.</summary>
    public void StartQuick(long sequence, byte flags)
    {
        if ((flags & RingRecord.Timed) != 0)
            words->QuickStartedAt = Debugger.IsAttached ? LinkWords.Stands : Stopwatch.GetTimestamp();
        Volatile.Write(ref words->QuickStarted, sequence);
    }

    /// <summary>By the main thread: it has completed.</summary>
    public void StopQuick(long sequence) => Volatile.Write(ref words->QuickStopped, sequence);

    /// <summary>By the reader thread: takes requests whenever the host nudges, until the host is gone.</summary>
    public Task ReceiveAsync(IFrameReceiver receiver)
    {
        while (Next.Files is null && ControlChannel.TryReceive(channel, out ControlMessage message, out SafeFileHandle? segment))
        {
            if (message.Kind == ControlKind.Nudge)
                TakeAll(receiver);
            else
                TakeMemory(message, segment);
        }
        return Task.CompletedTask;
    }

    /// <summary>No thread of ours looks at the memory any more, and there is none of the program's.</summary>
    public void Leave()
    {
        memory.Dispose();
        bell.Dispose();
    }

    private void TakeMemory(ControlMessage message, SafeFileHandle? file)
    {
        if (message.Kind is ControlKind.Rings or ControlKind.Bell)
            Next.Take(message, file);
        else if (message.Kind is >= ControlKind.Buffer and <= ControlKind.DropBuffer or ControlKind.Attachment or ControlKind.Key)
            Blocks.Take(message, file);
        else
            segments.Take(message, file);
    }

    public ValueTask DisposeAsync()
    {
        channel.Dispose();   // the memory stays mapped: other threads of the user's may still write to the log, until the process is gone
        return ValueTask.CompletedTask;
    }

    /// <summary>
    /// The main thread holds what it takes for moments only: either it frees it, or it has taken everything itself. But it may wait for a descriptor that is
    /// still in the socket, for this thread to receive.
    /// </summary>
    private void TakeAll(IFrameReceiver receiver)
    {
        while (requests.HasRecord)
        {
            if (Interlocked.CompareExchange(ref taking, 1, 0) != 0)
            {
                Thread.Yield();
                if (ControlChannel.TryTake(channel, out ControlMessage message, out SafeFileHandle? file, out bool isGone) && message.Kind != ControlKind.Nudge)   // a nudge only asks for what this loop does anyway
                    TakeMemory(message, file);
                if (isGone)
                    return;
                continue;
            }
            bool any = requests.TryPeek(out RecordHeader header, out long id, out byte* body);
            if (any && !TakeMemoryOf(header, body))
            {
                Volatile.Write(ref taking, 0);
                return;
            }
            if (any)
            {
                if (header.Kind.IsQuickRequest())
                    ((IQuickCallReceiver)receiver).OnQuickCall(header.Kind, header.Flags, id, Body(header, body));
                else
                    receiver.OnFrame(header.Kind, id, Body(header, body));
                readerTook = true;
                Taken(header);
            }
            else
            {
                Volatile.Write(ref taking, 0);
            }
        }
    }

    /// <summary>The memory that a body lies in may still be in the socket, behind the nudge: only this thread can get it. False: the host is gone.</summary>
    private bool TakeMemoryOf(in RecordHeader header, byte* body)
    {
        if ((header.Flags & RingRecord.InSegment) == 0)
            return true;
        int id = ((SegmentRequest*)body)->SegmentId;
        while (!segments.Has(id))
        {
            if (!ControlChannel.TryReceive(channel, out ControlMessage message, out SafeFileHandle? file))
                return false;
            if (message.Kind != ControlKind.Nudge)   // a nudge only asks for what this loop does anyway
                TakeMemory(message, file);
        }
        return true;
    }

    /// <summary>By the main thread, in its place in the order of requests: calls from here on are new ones.</summary>
    public void Resume(long last)
    {
        long seen = Volatile.Read(ref words->Begun);
        while ((seen & LinkWords.Retired) == 0)
        {
            long before = Interlocked.CompareExchange(ref words->Begun, last, seen);
            if (before == seen)
                return;
            seen = before;
        }
    }

    /// <summary>There is a request whose body lies in the ring: no descriptor has to come for it. For who is alone.</summary>
    public bool HasSmallRequest => requests.TryPeek(out RecordHeader header, out _, out _) && (header.Flags & RingRecord.InSegment) == 0;

    private void TakeTaking()
    {
        while (Interlocked.CompareExchange(ref taking, 1, 0) != 0)
            Thread.Yield();
    }

    private void Write(FrameKind kind, byte flags, long id, ReadOnlySpan<byte> head, ReadOnlySpan<byte> payload, AnswerSegment? room, ushort microseconds)
    {
        int length = head.Length + payload.Length;
        if (room is not null)
        {
            var reference = new SegmentBody(room.Id, length);
            Write(kind, (byte)(flags | RingRecord.InSegment), id, MemoryMarshal.AsBytes(new ReadOnlySpan<SegmentBody>(in reference)), default, null, microseconds);
            return;
        }
        byte* body;
        while (!responses.TryReserve(length, out body))
            WaitForRoom(length);
        var space = new Span<byte>(body, length);
        head.CopyTo(space);
        payload.CopyTo(space[head.Length..]);
        responses.Publish(length, kind, flags, id, microseconds);
    }

    /// <summary>The body, wherever it lies; until <see cref="Taken"/>.</summary>
    private ReadOnlySpan<byte> Body(RecordHeader header, byte* body)
    {
        if ((header.Flags & RingRecord.InSegment) == 0)
            return new(body, (int)header.Length);
        SegmentRequest reference = *(SegmentRequest*)body;
        return (LiesIn = segments.Find(reference.SegmentId)).At(reference.Start, reference.Length);
    }

    private void WaitForRoom(int length) => waiting.Wait(() => !responses.TryReserve(length, out _));

    private void SignalPump()
    {
        if (Volatile.Read(ref words->HostWaiting) == 0 || Interlocked.Exchange(ref words->HostWaiting, 0) == 0)
            return;   // awake, or rung already and not awake yet
        wait.Woke = true;
        bell.Signal(place);
    }
}
