using System.Diagnostics;
using Kernmantle.Child.Lane;
using Kernmantle.Child.Logs;
using Kernmantle.Child.Objects;
using Kernmantle.Child.Traces;
using Kernmantle.Functions;
using Kernmantle.Telemetry;
using Kernmantle.Wire;
using Kernmantle.Wire.Bytes;
using Kernmantle.Wire.Shared;

namespace Kernmantle.Child;

/// <summary>
/// Runs quick calls on the main thread. One token, that of the worker's stop, and one context serve them all, but for those that are repeated, which have a context
/// each.
/// </summary>
/// <remarks>One class, since single calls, batches and slices share that token and context, and the number that the reader thread cancels.</remarks>
internal sealed partial class QuickRunner(WorkerRings rings, WorkerIdentity worker, FunctionTable functions, InstanceTable instances, ObjectCalls objects, MainThread main, ArrivingTraces traces, CallLinks stop, ConsoleCapture? console)
{
    /// <summary>Of many short calls only some are timed: looking at the clock costs as much as they do.</summary>
    private const int SampleEvery = 16;

    private const int Long = 20;   // microseconds

    private readonly PooledBuffer buffer = new(worker.MaxPayload, "The result") { Rooms = rings };
    private readonly OpenBuffers buffers = new(rings.Blocks, objects);
    private readonly PooledBuffer requests = new();
    private readonly Func<long, object> instance = instances.Get;
    private CancellationTokenSource source = new();
    private CancellationTokenRegistration stopping;
    private ExecutionContext? context;
    private long running;
    private long current;
    private byte currentFlags;
    private int attempt;
    private ReturnKind returns;
    private TraceContext? trace;
    private FunctionTable.Entry? entry;
    private PreparedCall? prepared;
    private FrameKind kind;
    private int untilSample;

    /// <summary>Numbers that were cancelled and did not run then: they are decoded, perhaps. Guarded by itself; those that run later look.</summary>
    private readonly HashSet<long> early = [];

    private volatile bool anyEarly;

    /// <summary>A call straight from the ring.</summary>
    public void Run(in RecordHeader header, long sequence, ReadOnlySpan<byte> body)
    {
        trace = (header.Flags & RingRecord.Traced) != 0 ? traces.TakeNext() : null;   // before another thread can take requests
        if (header.Kind != FrameKind.QuickCall)
        {
            requests.Append(body);
            rings.Taken(header);
            RunMany(header.Kind, sequence, header.Flags, requests.WrittenMemory);
            requests.Shrink();
            return;
        }
        if (!rings.TryBegin(sequence))
        {
            rings.Taken(header);
            return;
        }
        if ((header.Flags & (RingRecord.InSegment | RingRecord.OnObject)) == RingRecord.InSegment)   // an object may keep what it is given
            buffers.Lasting = rings.LiesIn;
        bool ready = Prepare(body, header.Flags);
        buffers.Lasting = null;
        rings.Taken(header);
        Finish(ready, header.Flags, sequence);
    }

    /// <summary>A call that the reader thread took out of the ring.</summary>
    public void Run(Work.Quick call)
    {
        trace = call.Trace;
        if (call.Kind != FrameKind.QuickCall)
            RunMany(call.Kind, call.Sequence, call.Flags, call.Body);
        else if (rings.TryBegin(call.Sequence))
            Finish(Prepare(call.Body, call.Flags), call.Flags, call.Sequence);
    }

    private bool Prepare(ReadOnlySpan<byte> body, byte flags)
    {
        buffer.Clear();
        attempt = 1;
        try
        {
            var reader = new PayloadReader(body, null, buffers);
            int id = reader.ReadInt32();
            if (entry is null || entry.Id != id)
                entry = functions.Find(id);
            long objectId = (flags & RingRecord.OnObject) != 0 ? reader.ReadInt64() : 0;
            objects.Own!.Running = objectId;
            if ((flags & RingRecord.Repeated) != 0)
                attempt = reader.ReadInt32();
            prepared = functions.Get(entry).Prepare(ref reader, instance, objectId);
            return true;
        }
        catch (WorkerException e) when (e is FunctionUnavailableException or NotPortableException)
        {
            Fail(new CallRefusal(e));
        }
        catch (Exception e)
        {
            Fail(e);
        }
        return false;
    }

    private void Finish(bool ready, byte flags, long sequence)
    {
        ushort microseconds = RingRecord.NotMeasured;
        if (ready)
        {
            kind = FrameKind.QuickResult;
            bool first = entry!.IsNew;
            returns = functions.Get(entry).Shape.Kind;
            bool sample = returns != ReturnKind.Stream && (--untilSample <= 0 || first);
            long start = sample ? Stopwatch.GetTimestamp() : 0;
            (current, currentFlags) = (sequence, flags);
            Enter(sequence);
            ExecutionContext.Run(attempt == 1 ? context ??= NewContext(1) : NewContext(attempt), static self => ((QuickRunner)self!).Invoke(), this);
            Leave(sequence);
            main.Leave();
            if (sample)
                microseconds = Sample(start, first);
        }
        console?.EndLines();
        buffers.EndViews();
        rings.Items.Close();
        rings.Answer(kind, sequence, flags, buffer, microseconds);
        buffers.Expire();
        buffer.Shrink();
    }

    /// <summary>Passes a stand-in through all that a call passes, but the rings: what is slow the first time is over before a call comes.</summary>
    public void Rehearse(PreparedCall standIn)
    {
        (prepared, returns, currentFlags, trace) = (standIn, ReturnKind.Value, 0, null);   // current stays: the clock of the call that was last
        buffer.Clear();
        ExecutionContext.Run(context ??= NewContext(1), static self => ((QuickRunner)self!).Invoke(), this);
        main.Leave();
        buffers.Expire();
        buffer.Shrink();
    }

    /// <summary>The first call compiles its function: it says nothing of the others.</summary>
    private ushort Sample(long start, bool first)
    {
        entry!.IsNew = false;
        int taken = (int)Math.Min(Stopwatch.GetElapsedTime(start).TotalMicroseconds, RingRecord.NotMeasured - 1);
        untilSample = first || taken >= Long ? 1 : SampleEvery;
        return first && taken < RingRecord.NotMeasured - 1 ? RingRecord.NotMeasured : (ushort)taken;
    }

    private void Invoke()
    {
        trace?.Enter();
        try
        {
            rings.StartQuick(current, currentFlags);
            if (returns != ReturnKind.Value)
                main.Attend();
            try
            {
                prepared!.Invoke(main, source.Token);
                if (returns == ReturnKind.Stream)
                    SendItems(prepared);
            }
            finally
            {
                main.Wait(objects.EndAsync());
            }
            rings.StopQuick(current);
            buffer.EncodeResult(prepared);
        }
        catch (OperationCanceledException) when (source.IsCancellationRequested)
        {
            End(FrameKind.Cancelled);
        }
        catch (Exception e)
        {
            Fail(e);
        }
        prepared = null;
    }

    /// <summary>As fast as the consumer takes them.</summary>
    private void SendItems(PreparedCall stream)
    {
        rings.Credit.Open();
        try
        {
            while (Next(stream))
            {
                buffer.Clear();
                buffer.EncodeItem(stream);
                rings.Credit.Take(buffer.Written.Length, worker.StreamWindow, source.Token);
                rings.Items.Send(current, buffer);
            }
        }
        finally
        {
            buffer.Clear();
            main.Wait(stream.DisposeAsync());
        }
    }

    private bool Next(PreparedCall stream)
    {
        ValueTask<bool> next = stream.MoveNextAsync();
        if (!next.IsCompleted)
            rings.Items.Close();   // what is written while the function waits must not wait behind an open record
        return main.Wait(next);
    }

    private void Fail(Exception exception)
    {
        using PooledBuffer body = EndFrames.Encode(exception, out FrameKind end);
        End(end);
        buffer.Append(body.Written);
    }

    private void End(FrameKind end)
    {
        kind = FrameKind.QuickEnd;
        buffer.Clear();
        buffer.Append([(byte)end]);
    }

    /// <summary>By the reader thread: cancels the token of the call with that number, if it runs, or else when it does.</summary>
    public void Cancel(long sequence)
    {
        lock (early)
        {
            early.Add(sequence);
            anyEarly = true;
        }
        CancelIfItRuns(sequence);
    }

    /// <remarks>Two threads may come here for one call, one of which finds that it runs.</remarks>
    private void CancelIfItRuns(long sequence)
    {
        CancellationTokenSource mine = Volatile.Read(ref source);
        if (Interlocked.CompareExchange(ref running, -sequence, sequence) == sequence)
            stop.CancelElsewhere(mine);   // cancelled while it ran: the next call needs a new source
    }

    private void Enter(long sequence)
    {
        Interlocked.Exchange(ref running, sequence);   // before the look: who cancels it from now on finds that it runs
        if (anyEarly && WasCancelledBefore(sequence))
            CancelIfItRuns(sequence);
    }

    private bool WasCancelledBefore(long sequence)
    {
        lock (early)
        {
            bool was = early.Contains(sequence);
            early.RemoveWhere(number => number <= sequence);   // what was before it has ended
            anyEarly = early.Count > 0;
            return was;
        }
    }

    /// <summary>The token is another call's from now on: what this one has registered with it, it does not hear of.</summary>
    private void Leave(long sequence)
    {
        if (Interlocked.Exchange(ref running, 0) == sequence && source.TryReset())
            return;
        Volatile.Write(ref source, new());
        context = null;
        FollowStop();
    }

    /// <summary>The token is cancelled by the worker's stop too.</summary>
    private void FollowStop()
    {
        stopping.Unregister();
        stopping = stop.Token.UnsafeRegister(static (state, _) => ((CancellationTokenSource)state!).Cancel(), source);
    }

    private ExecutionContext NewContext(int attempt)
    {
        if (stopping == default)
            FollowStop();
        CancellationToken token = source.Token;
        ExecutionContext? made = null;
        ExecutionContext.Run(ExecutionContext.Capture()!, _ =>
        {
            WorkerContext.Current = new WorkerContext(worker.Name, worker.Id, attempt, worker.Logger, token);
            made = ExecutionContext.Capture();
        }, null);
        return made!;
    }
}
