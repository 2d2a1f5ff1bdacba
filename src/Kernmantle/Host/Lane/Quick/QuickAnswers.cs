using Kernmantle.Host.Lane.Rings;
using Kernmantle.Scheduling.Calls;
using Kernmantle.Scheduling.Maps;
using Kernmantle.Scheduling.Streams;
using Kernmantle.Wire;
using Kernmantle.Wire.Bytes;
using Kernmantle.Wire.Shared;

namespace Kernmantle.Host.Lane.Quick;

/// <summary>
/// Takes what the worker wrote, and brings it to the calls that it answers. Whoever holds <see cref="draining"/> is the ring's one consumer, be it a caller or the
/// pump; no user code runs then.
/// </summary>
internal sealed class QuickAnswers
{
    /// <summary>The consumer of a stream may be about something else: then the pump takes over.</summary>
    private static readonly TimeSpan AttendedPause = TimeSpan.FromMilliseconds(1);

    private readonly SharedLane lane;
    private readonly LaneAnswers answers;
    private readonly CallsUnderWay underWay;
    private readonly StreamUnderWay stream;
    private readonly WorkerBuffers buffers;
    private readonly CompletionPump pump;
    private readonly FrameInbox inbox;
    private IQuickReceiver? receiver;
    private readonly PumpPace pace = new();

    /// <summary>Of who drains.</summary>
    private readonly QuickRun run;

    /// <summary>Of what is handled later, meanwhile.</summary>
    private readonly QuickRun laterRun;
    private int draining;
    private volatile bool pumpWanted;

    /// <summary>The stream whose consumer attends it, and has since the pump looked last; over when that is answered.</summary>
    private long attended;

    /// <param name="lane">Where it is taken from.</param>
    /// <param name="underWay">Whose answers come.</param>
    /// <param name="stream">Whose items come.</param>
    /// <param name="buffers">What the worker says of memory goes there.</param>
    /// <param name="pump">The pool's.</param>
    /// <param name="growingInbox">What is taken and not yet handled may grow without bound.</param>
    public QuickAnswers(SharedLane lane, CallsUnderWay underWay, StreamUnderWay stream, WorkerBuffers buffers, CompletionPump pump, bool growingInbox)
    {
        (this.lane, answers) = (lane, lane.Answers);
        (this.underWay, this.stream, this.buffers, this.pump) = (underWay, stream, buffers, pump);
        inbox = new(HandleLater, pump.Kick, growingInbox);
        (run, laterRun) = (new(lane.Caller), new(lane.Caller));
    }

    /// <summary>Something is there to be taken, or has been and is still to be handled. By who has the memory.</summary>
    public bool AreUnheard => inbox.IsBusy || answers.HasRecord || run.IsUnderWay;

    /// <summary>By who has the memory: there is something, and nothing keeps it from being taken.</summary>
    public bool CanBeTaken => answers.HasRecord && !inbox.IsFull && !lane.End.IsDecided;

    /// <summary>By who has the memory: there is nothing, or it waits for what was taken before to be handled.</summary>
    public bool NeedNotBeTaken => !answers.HasRecord || inbox.IsBusy;

    /// <summary>From now on there is somebody to bring them to.</summary>
    public void Open(IQuickReceiver to)
    {
        receiver = to;
        pump.Kick();   // a quick worker has answered before
    }

    /// <summary>After the worker's end: takes the rest, and completes when it is handled.</summary>
    public async Task TakeRestAsync()
    {
        long end = answers.Around;   // a dead worker cannot have written more than this
        do
        {
            await inbox.EmptyAsync().ConfigureAwait(false);   // while it is full nothing is taken
            while (!lane.End.IsClosed && !TryDrain(null))
                await Task.Yield();   // a caller is draining, perhaps the last record
        }
        while (IsLeft(end));
        await inbox.EmptyAsync().ConfigureAwait(false);
    }

    /// <summary>After the connection has been closed: nobody takes anything any more.</summary>
    public void Stop()
    {
        while (!TryTakeDraining())
            Thread.Yield();   // nobody drains for long, since no user code runs there; from now on nobody does at all
    }

    /// <summary>After <see cref="Pump"/>, which has returned false: when to look again although nobody rings; zero where the worker rings.</summary>
    public TimeSpan Pause { get; private set; }

    /// <summary>By the pump: takes what is there. True: look again.</summary>
    public bool Pump()
    {
        Pause = TimeSpan.Zero;
        if (!lane.HasOverflown && IsAttended())
        {
            Pause = AttendedPause;
            return false;
        }
        if (!TryTakeDraining())
        {
            pumpWanted = true;
            Interlocked.MemoryBarrier();
            if (!TryTakeDraining())
                return false;   // the thread that is draining sees the flag before it leaves
        }
        try
        {
            if (lane.End.IsClosed || receiver is null)
                return false;
            answers.StopRinging();
            bool any = Drain(null);
            if (lane.HasOverflown)
                lane.Flush();
            if (any)
                return true;
            Pause = pace.Next(lane.Numbers.Answered, lane.Numbers.Offered);
            if (Pause > TimeSpan.Zero)
                return false;
            answers.AskToRing();
            return answers.HasRecord && !inbox.IsBusy;   // the inbox kicks when it is done
        }
        finally
        {
            ReleaseDraining();
        }
    }

    /// <summary>Takes what is there. False: somebody else is at it.</summary>
    /// <param name="own">The call that this thread attends: nobody need be woken for it.</param>
    public bool TryDrain(QuickCall? own)
    {
        if (!TryTakeDraining())
            return false;
        try
        {
            if (!lane.End.IsClosed && receiver is not null)
                Drain(own);
        }
        finally
        {
            ReleaseDraining();
        }
        return true;
    }

    /// <summary>By the consumer of a stream: it takes what there is. Nobody need ring, and the pump sees after a moment whether it is still there.</summary>
    public void Attend(long number) => Volatile.Write(ref attended, number);

    /// <summary>By the same, which does not attend any more: the worker is to ring for what comes from now on.</summary>
    public void AskToRing()
    {
        while (!TryTakeDraining())
        {
            if (lane.End.IsClosed)
                return;   // from now on nobody takes anything
            Thread.Yield();   // nobody drains for long
        }
        try
        {
            Volatile.Write(ref attended, 0);
            if (lane.End.IsClosed || receiver is null)
                return;
            do
                answers.AskToRing();
            while (answers.HasRecord && Drain(null));
        }
        finally
        {
            ReleaseDraining();
        }
    }

    /// <summary>By the pump: the consumer has looked since, and will again. A full fence: who rang is known to be noted before the worker is asked to ring again.</summary>
    private bool IsAttended() => Interlocked.Exchange(ref attended, 0) > lane.Numbers.Answered;

    private bool TryTakeDraining() => Interlocked.CompareExchange(ref draining, 1, 0) == 0;

    private void ReleaseDraining()
    {
        Interlocked.Exchange(ref draining, 0);
        if (!pumpWanted)
            return;
        pumpWanted = false;
        pump.Kick();
    }

    private bool IsLeft(long end)
    {
        lock (lane.End.Gate)
            return !lane.End.IsClosed && !lane.End.IsDecided && answers.HasRecord && answers.Position < end;
    }

    private bool Drain(QuickCall? own)
    {
        bool any = false;
        long end = answers.Around;
        try
        {
            while (answers.Position < end && !lane.End.IsDecided && !inbox.IsFull && answers.TryPeek(out RecordHeader header, out long id))
            {
                if (header.Kind is FrameKind.QuickItems or FrameKind.StreamItems)
                {
                    if (!DrainItems(header, id, ref any))
                        break;
                    answers.EndItems(header);
                    any = true;   // at least there is room again
                    continue;
                }
                any = true;
                ReadOnlySpan<byte> body = answers.Take(header);
                if ((header.Flags & RingRecord.InSegment) != 0)
                    DeliverLarge(header, id, body, own);
                else
                    Deliver(header, id, body, own);
            }
        }
        catch (Exception e) when (e is ProtocolViolationException or InvalidPayloadException)
        {
            lane.End.Fail(e);
        }
        run.End(receiver!);
        if (any)
            answers.MakeRoomKnown();
        return any;
    }

    /// <summary>Takes what is new in a record of answers. True: there will be no more in it.</summary>
    private bool DrainItems(in RecordHeader header, long first, ref bool any)
    {
        int closed = answers.LookAtItems(header, first);
        if (inbox.IsBusy)
            return false;   // what the calls logged comes first; the inbox calls when it is empty
        ReadOnlySpan<byte> items = answers.TakeItems(out long number, out int count);
        if (count > 0)
        {
            any = true;
            if (header.Kind == FrameKind.StreamItems)
                stream.Of(first).TakeMany(items, buffers);
            else
                TakeItems(number, count, items, closed);
        }
        return closed != 0 || lane.End.WorkerHasEnded;   // what its worker wrote behind it counts all the same, if that is dead
    }

    private void TakeItems(long number, int count, ReadOnlySpan<byte> items, int nanoseconds)
    {
        long last = number + count - 1;
        if (!lane.Numbers.MayBeAnswered(number) || TakeAnswered(last) is not BatchCall batch || batch.First > number)
            throw new ProtocolViolationException($"answers to items {number} to {last}, which are not those of one map");
        receiver!.OnQuickItems(batch, (int)(number - batch.First), count, items, run.Calls);
        batch.Progressed();
        if (nanoseconds != 0)
            batch.Function!.Duration.Sample(Math.Max(1, nanoseconds) / 1000.0);
    }

    /// <summary>Codecs read each length once and check it then, so that a worker that changes the bytes meanwhile changes no more than its result.</summary>
    private void DeliverLarge(in RecordHeader header, long id, ReadOnlySpan<byte> record, QuickCall? own)
    {
        if (answers.Find(record, out ReadOnlySpan<byte> body) is not { } segment)
            return;
        try
        {
            Deliver(header, id, body, own);
        }
        finally
        {
            answers.Return(segment);
        }
    }

    private void Deliver(in RecordHeader header, long id, ReadOnlySpan<byte> body, QuickCall? own)
    {
        if (header.Kind == FrameKind.QuickItem)
        {
            StreamItems items = stream.Of(id);
            if (!inbox.IsBusy)
            {
                OnItem(items, body);
                return;
            }
        }
        if (header.Kind is FrameKind.Describe or FrameKind.ObjectCall or FrameKind.CancelObjectCall && !inbox.IsBusy)
        {
            receiver!.OnFrame(header.Kind, id, body);   // passed on, which runs no code of the program's
            return;
        }
        if (header.Kind is FrameKind.ItemLoaded or FrameKind.ItemDone && !inbox.IsBusy)
        {
            buffers.OnFrame(header.Kind, id, body);
            return;
        }
        if (header.Kind is not (FrameKind.QuickResult or FrameKind.QuickEnd or FrameKind.SliceEnd))
        {
            inbox.Post(header.Kind, id, body, null);
            return;
        }
        QuickCall call = TakeAnswered(id);
        if (header.Microseconds != RingRecord.NotMeasured && call.Items is null)   // how long a stream takes is its consumer's affair
            call.Function!.Duration.Sample(Math.Max(header.Microseconds, 0.5));
        if (header.Kind == FrameKind.QuickEnd || inbox.IsBusy || !(call.IsPlain || call.IsSynchronous || call == own))
        {
            run.End(receiver!);   // in the order of their answers
            inbox.Post(header.Kind, id, body, call);   // what the call logged comes first
            return;
        }
        Answer(call, header.Kind, id, body, own, run);
        run.EndIfLong(receiver!);
    }

    /// <summary>Answers come in the order of the calls; those that were recalled are passed over.</summary>
    private QuickCall TakeAnswered(long number)
    {
        if (!lane.Numbers.MayBeAnswered(number) || underWay.TakeAnswered(number) is not { } call)
            throw new ProtocolViolationException($"an answer to quick call {number}; {lane.Numbers.Answered} is answered and {lane.Numbers.Offered} is the last");
        if (number - call.First >= call.Count)
            throw new ProtocolViolationException($"an answer to item {number}, which was taken back; of its map's, the worker had {call.Count} from {call.First} on");
        lane.Numbers.Answer(number, call.First);
        return call;
    }

    /// <summary>An item of a stream that is too large for an open record.</summary>
    private void OnItem(StreamItems items, ReadOnlySpan<byte> body)
    {
        items.Take(body, buffers);
        items.Progressed();
    }

    private void Answer(QuickCall call, FrameKind kind, long sequence, ReadOnlySpan<byte> body, QuickCall? own, QuickRun its)
    {
        if (call is BatchCall batch)
            batch.Answering = (int)(sequence - call.First);   // now: those that were taken meanwhile wait
        if (call.IsAttended && call != own)   // read now: the object may soon be reused for another call
            its.Overtake();
        if (kind == FrameKind.SliceEnd)
            receiver!.OnSliceEnd(call as BatchCall ?? throw new ProtocolViolationException("the end of a slice for a call that is none"), body, its.Calls);
        else if (kind == FrameKind.QuickResult)
            receiver!.OnQuickResult(call, body, isOwn: call == own, its.Calls);
        else if (body.IsEmpty)
            throw new ProtocolViolationException("the end of a call without its kind");
        else
            receiver!.OnQuickEnd(call, (FrameKind)body[0], body[1..]);
        (call as BatchCall)?.Progressed();
    }

    private void HandleLater(FrameKind kind, long id, ReadOnlyMemory<byte> body, QuickCall? call)
    {
        if (lane.End.IsDecided)
            return;
        try
        {
            if (call is not null)
            {
                Answer(call, kind, id, body.Span, null, laterRun);
                laterRun.End(receiver!);
            }
            else if (kind == FrameKind.QuickItem)
                OnItem(stream.Of(id, wasOpen: true), body.Span);
            else if (kind is FrameKind.WantSegment or FrameKind.WantBuffer or FrameKind.BufferReleased or FrameKind.ItemLoaded or FrameKind.ItemDone or FrameKind.WantMemoryOf)
                buffers.OnFrame(kind, id, body.Span);
            else
                receiver!.OnFrame(kind, id, body.Span);
        }
        catch (Exception e) when (e is ProtocolViolationException or InvalidPayloadException)
        {
            lane.End.Fail(e);
        }
    }
}
