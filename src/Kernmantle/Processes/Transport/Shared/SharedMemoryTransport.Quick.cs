using System.Buffers.Binary;
using Kernmantle.Calls;

namespace Kernmantle.Processes.Transport.Shared;

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
        Span<byte> head = stackalloc byte[8];
        Function function = call.Function!;
        BinaryPrimitives.WriteInt32LittleEndian(head, function.Id);
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
            try
            {
                if (call is BatchCall)
                    BinaryPrimitives.WriteInt32LittleEndian(head[4..], call.Count);
                else
                    head = head[..4];
                Write(call is BatchCall ? FrameKind.QuickBatch : FrameKind.QuickCall, call.IsAttended ? RingRecord.Attended : (byte)0, call.First, head, call.Payload);
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

    /// <summary>Is told of each function that the worker was told of here. Takes no lock but its own.</summary>
    public Action<Function>? OnRegistered { get; set; }

    /// <summary>The worker knows the function.</summary>
    public void MarkRegistered(int function)
    {
        lock (sendGate)
            registered.Add(function);
    }

    /// <summary>As <see cref="Pool.PoolWorker.Attend"/>.</summary>
    public bool Attend(QuickCall call, bool block)
    {
        bool held = false;
        try
        {
            memory.DangerousAddRef(ref held);
            return Look(call) || (block ? Sleep(call) : Leave(call));
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
                return closed ? lastBegun : Volatile.Read(ref words->Begun) & ~(LinkWords.Recall | LinkWords.Retired);
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
            if (begun < Volatile.Read(ref answered) || begun > offered)
            {
                failed.TrySetResult(new ProtocolViolationException($"quick call {begun} begun; {answered} is answered and {offered} is the last"));
                return false;
            }
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
