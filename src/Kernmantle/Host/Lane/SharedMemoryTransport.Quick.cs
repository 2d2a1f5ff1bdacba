using System.Buffers.Binary;
using Kernmantle.Functions;
using Kernmantle.Platform.Linux;
using Kernmantle.Scheduling.Calls;
using Kernmantle.Scheduling.Maps;
using Kernmantle.Scheduling.Streams;
using Kernmantle.Wire;
using Kernmantle.Wire.Shared;

namespace Kernmantle.Host.Lane;

/// <summary>Quick calls: handed over in order, answered in order.</summary>
internal sealed unsafe partial class SharedMemoryTransport
{
    /// <summary>More than a worker is ever given in advance: <see cref="CallDuration.MaxDepth"/>, and as much again that was recalled.</summary>
    private const int Capacity = CallDuration.MaxDepth * 4;

    /// <summary>What has been handed over, oldest first, from <see cref="oldest"/> to <see cref="newest"/>.</summary>
    private readonly QuickCall?[] underWay = new QuickCall?[Capacity];
    private long oldest;
    private long newest;
    private readonly HashSet<int> registered = [];
    private int lastFunction;
    private long offered;
    private long answered;
    private long taken;
    private long recalled;
    private long lastBegun;

    /// <summary>Hands a quick call over; nothing, once the connection has ended: the call ends with its worker. Returns why it cannot be handed over.</summary>
    public Exception? Offer(QuickCall call)
    {
        Span<byte> head = stackalloc byte[LongestHead];
        Function function = call.Function!;
        head = head[..WriteHead(head, call, out byte flags)];
        lock (sendGate)
        {
            if (closed)
                return null;
            if (function.Id != lastFunction && registered.Add(function.Id))
            {
                Write(FrameKind.Register, 0, function.Id, function.Descriptor.Span, default);
                OnRegistered?.Invoke(function);
            }
            lastFunction = function.Id;
            long before = offered;
            (call.First, call.Sequence) = (before + 1, before + call.Count);
            if (call.IsAttended)
                call.AttendedAs = call.Sequence;
            Volatile.Write(ref underWay[newest % Capacity], call);
            Volatile.Write(ref newest, newest + 1);
            Volatile.Write(ref offered, call.Sequence);   // before the worker can answer it
            if (call.Items is { } items)
                Open(items, call.Sequence);
            try
            {
                Write(call is BatchCall ? FrameKind.QuickBatch : FrameKind.QuickCall, flags, call.First, head, call.Payload);
            }
            catch (InsufficientMemoryException e)
            {
                newest--;
                (offered, underWay[newest % Capacity]) = (before, null);
                return e;
            }
            call.WokeWorker = WakeWorker();
            return null;
        }
    }

    /// <summary>The stream that was handed over last: its worker has nothing beside it.</summary>
    private (long Sequence, StreamItems? Items) stream;

    private void Open(StreamItems items, long sequence)
    {
        stream = (sequence, items);
        words->StreamTaken = 0;   // before the request is published
        items.Grant = taken => Grant(sequence, taken);
    }

    private void Grant(long sequence, long taken)
    {
        lock (sendGate)
        {
            if (closed || stream.Sequence != sequence)
                return;   // it has ended, and what was left of it is consumed
            Volatile.Write(ref words->StreamTaken, taken);
            MakeRoomKnown();
        }
    }

    private StreamItems StreamOf(long sequence)
    {
        lock (sendGate)
        {
            return sequence == stream.Sequence && sequence > answered && stream.Items is { } items ? items
                : throw new ProtocolViolationException($"an item of quick call {sequence}, which is no stream that it runs; {answered} is answered");
        }
    }

    private const int LongestHead = 20;

    /// <summary>What stands before the payload, and what says so. Returns its length.</summary>
    private static int WriteHead(Span<byte> head, QuickCall call, out byte flags)
    {
        flags = (byte)((call.IsAttended ? RingRecord.Attended : 0) | (call.IsTimed ? RingRecord.Timed : 0));
        BinaryPrimitives.WriteInt32LittleEndian(head, call.Function!.Id);
        int length = sizeof(int);
        if (call is BatchCall)
        {
            BinaryPrimitives.WriteInt32LittleEndian(head[length..], call.Count);
            length += sizeof(int);
        }
        if (call.InstanceId != 0)
        {
            flags |= RingRecord.OnObject;
            BinaryPrimitives.WriteInt64LittleEndian(head[length..], call.InstanceId);
            length += sizeof(long);
        }
        if (call.Attempt > 1)
        {
            flags |= RingRecord.Repeated;
            BinaryPrimitives.WriteInt32LittleEndian(head[length..], call.Attempt);
            length += sizeof(int);
        }
        return length;
    }

    /// <summary>Is told of each function that the worker was told of here. Takes no lock but its own.</summary>
    public Action<Function>? OnRegistered { get; set; }

    /// <summary>The worker knows the function.</summary>
    public void MarkRegistered(int function)
    {
        lock (sendGate)
            registered.Add(function);
    }

    /// <summary>As <see cref="Scheduling.PoolWorker.Look"/>, <see cref="Scheduling.PoolWorker.Sleep"/> and <see cref="Scheduling.PoolWorker.Leave"/>.</summary>
    public bool Attend(QuickCall call, Attendance how)
    {
        bool held = false;
        try
        {
            memory.DangerousAddRef(ref held);
            return how switch
            {
                Attendance.Look => Look(call),
                Attendance.Sleep => Sleep(call),
                _ => Leave(call),
            };
        }
        catch (ObjectDisposedException)
        {
            return false;   // the worker is gone; its end ends the call
        }
        finally
        {
            if (held)
                memory.DangerousRelease();
        }
    }

    /// <summary>The number of the last call that the worker has begun.</summary>
    public long LastBegun
    {
        get
        {
            lock (sendGate)
            {
                if (closed)
                    return lastBegun;
                long before = Volatile.Read(ref answered);
                long begun = Volatile.Read(ref words->Begun) & ~(LinkWords.Recall | LinkWords.Retired);
                CheckBegun(begun, before);
                return begun;
            }
        }
    }

    /// <summary>What has not begun, shall not. False: the worker has not yet answered the last recall.</summary>
    public bool TryRecall(out long first, out long last)
    {
        lock (sendGate)
        {
            (first, last) = (0, 0);
            if (closed || !TryForbid(out long begun))
                return false;
            if (!CheckBegun(begun, Volatile.Read(ref answered)))
                return false;
            (first, last) = (begun + 1, offered);
            for (long place = newest - 1; place >= 0 && place > newest - Capacity; place--)
            {
                if (underWay[place % Capacity] is not { } call)
                    continue;
                if (call.First <= begun)
                    break;
                Volatile.Write(ref underWay[place % Capacity], null);
            }
            Volatile.Write(ref recalled, recalled + (last - begun));
            Write(FrameKind.Resume, 0, last, default, default);
            WakeWorker();
            return true;
        }
    }

    private bool CheckBegun(long begun, long answeredBefore)
    {
        if (begun >= answeredBefore && begun <= offered)
            return true;
        failed.TrySetResult(new ProtocolViolationException($"quick call {begun} begun; {answeredBefore} is answered and {offered} is the last"));
        return false;
    }

    /// <summary>Forbids the worker to begin any more. False: it is forbidden already.</summary>
    private bool TryForbid(out long begun)
    {
        begun = Volatile.Read(ref words->Begun);
        while (begun >= 0)
        {
            long before = Interlocked.CompareExchange(ref words->Begun, begun | LinkWords.Recall, begun);
            if (before == begun)
                return true;
            begun = before;
        }
        return false;
    }

    /// <summary>Wakes whoever attends a call here that has gone elsewhere.</summary>
    public void WakeCaller()
    {
        lock (sendGate)
        {
            if (!closed)
                Futex.Ring(ref words->CallerBell);
        }
    }

    private bool Look(QuickCall call)
    {
        // A worker that slept is often put on the core of who woke it: looking for its answer there would only hold it up.
        if (!spin.IsWorthwhile || call.WokeWorker || spin.IsLeftOut())
            return call.HasEnded;
        var wait = new AdaptiveSpin.Wait(spin, woke: false);
        do
        {
            if (call.HasEnded || (responses.HasRecord && TryDrain(call) && call.HasEnded))
            {
                wait.Succeeded();
                return true;
            }
            if (wait.IsLong && HasNoCore(call))
            {
                spin.InVain();
                return false;
            }
        }
        while (wait.Next());
        return false;
    }

    /// <summary>The worker has nothing else to do, and has not begun.</summary>
    private bool HasNoCore(QuickCall call) =>
        Volatile.Read(ref answered) >= call.First - 1 && (Volatile.Read(ref words->Begun) & ~(LinkWords.Recall | LinkWords.Retired)) < call.First;

    /// <summary>Sleeps until the worker, or whoever takes its answer, rings.</summary>
    private bool Sleep(QuickCall call)
    {
        while (true)
        {
            int bell = Volatile.Read(ref words->CallerBell);   // set first: a bell that rings from here on ends the sleep
            bool told = TellWorker(call, LinkWords.Sleeps);
            if (closed || !call.IsAttended || call.HasEnded)
                break;
            if (told && (!responses.HasRecord || inbox.IsBusy))
                Futex.Wait(ref words->CallerBell, bell);
            else if (!TryDrain(call))
                Thread.Yield();   // never asleep while there is something: who drains now may have passed it
        }
        return call.HasEnded;
    }

    /// <summary>From now on the worker rings for the pump.</summary>
    private bool Leave(QuickCall call)
    {
        _ = TellWorker(call, LinkWords.Left);
        while (!call.HasEnded && responses.HasRecord && !inbox.IsFull && !failed.Task.IsCompleted)
        {
            if (!TryDrain(call))
                Thread.Yield();
        }
        return call.HasEnded;
    }

    /// <summary>Says what the caller does; a full fence. False if a later call has one already: then this one has been answered.</summary>
    private bool TellWorker(QuickCall call, int state)
    {
        long mine = call.AttendedAs << 2 | (uint)state;
        long seen = Volatile.Read(ref words->CallerWaiting);
        while (seen >> 2 <= call.AttendedAs)
        {
            long before = Interlocked.CompareExchange(ref words->CallerWaiting, mine, seen);
            if (before == seen)
                return true;
            seen = before;
        }
        if (seen >> 2 > Volatile.Read(ref offered))
            failed.TrySetResult(new ProtocolViolationException($"a caller of quick call {seen >> 2}; {offered} is the last"));
        return false;
    }

    /// <summary>Answers come in the order of the calls; those that were recalled are passed over.</summary>
    private QuickCall TakeAnswered(long sequence)
    {
        if (sequence > answered && sequence <= Volatile.Read(ref offered))
        {
            while (oldest < Volatile.Read(ref newest))
            {
                if (Volatile.Read(ref underWay[oldest % Capacity]) is not { } call || call.Sequence < sequence)
                {
                    Volatile.Write(ref underWay[oldest++ % Capacity], null);
                    continue;
                }
                if (call.First > sequence)
                    break;
                answered = sequence;
                Volatile.Write(ref taken, taken + 1);
                if (call.Sequence == sequence)
                    Volatile.Write(ref underWay[oldest++ % Capacity], null);
                if (call is BatchCall batch)
                    batch.Answering = (int)(sequence - call.First);
                return call;
            }
        }
        throw new ProtocolViolationException($"an answer to quick call {sequence}; {answered} is answered and {offered} is the last");
    }
}

/// <summary>What a caller does until its call has ended.</summary>
internal enum Attendance
{
    Look,
    Sleep,
    Leave,
}
