using Kernmantle.Functions;
using Kernmantle.Host.Lane.Quick;
using Kernmantle.Logging;
using Kernmantle.Payloads;
using Kernmantle.Scheduling.Calls;
using Kernmantle.Scheduling.Maps;
using Kernmantle.SharedBuffers;
using Kernmantle.Wire;
using Kernmantle.Wire.Bytes;

namespace Kernmantle.Tests.Transport.SharedMemory;

/// <summary>Takes what a worker wrote as the host's link does, with the same readers, and keeps account of it.</summary>
internal sealed class HostileReceiver : IQuickReceiver
{
    private long frames;
    private long results;
    private long ends;

    /// <summary>Bodies by reference are found here; set with the connection.</summary>
    public IBufferScope? Buffers { get; set; }

    /// <summary>What makes it slow.</summary>
    public Action? BeforeFrame { get; set; }

    /// <summary>The same for answers to quick calls.</summary>
    public Action? BeforeResult { get; set; }

    public long Frames => Volatile.Read(ref frames);

    public long Results => Volatile.Read(ref results);

    public long Ends => Volatile.Read(ref ends);

    /// <summary>What no bytes of a worker's may do to the host.</summary>
    public Exception? Broken { get; private set; }

    public void OnFrame(FrameKind kind, long id, ReadOnlySpan<byte> body) => Guarded(body, (scoped ref PayloadReader reader) =>
    {
        BeforeFrame?.Invoke();
        Interlocked.Increment(ref frames);
        if (id < 0)
            throw new InvalidOperationException($"a {kind} frame with the id {id}");
        Read(kind, ref reader);
    });

    public void OnQuickResult(QuickCall call, ReadOnlySpan<byte> body, bool isOwn, List<QuickCall> run)
    {
        BeforeResult?.Invoke();
        Interlocked.Increment(ref results);
        if ((call as BatchCall)?.Slice is not null)
            throw new ProtocolViolationException("an answer to an item whose result lies elsewhere");
        if (call.HasEnded)
            Broken ??= new InvalidOperationException($"quick call {call.Sequence} ended twice");
        if (call is { IsSynchronous: true, IsPlain: false })
            ReadLater(call, body);
        else
            Guarded(body, (scoped ref PayloadReader reader) => call.ReadResult(ref reader));
        call.Finish();
    }

    public void OnQuickItems(BatchCall call, int item, int count, ReadOnlySpan<byte> answers, List<QuickCall> run)
    {
        BeforeResult?.Invoke();
        Interlocked.Add(ref results, count);
        if (call.Slice is not null)
            throw new ProtocolViolationException("an answer to an item whose result lies elsewhere");
        bool isLast = false;
        try
        {
            isLast = call.TakeResults(item, count, answers);
        }
        catch (Exception e) when (e is not (InvalidPayloadException or ProtocolViolationException))
        {
            Broken ??= e;
        }
        if (isLast)
            call.Finish();
    }

    public void OnSliceEnd(BatchCall call, ReadOnlySpan<byte> body, List<QuickCall> run)
    {
        Interlocked.Increment(ref results);
        if (call.Slice is null || body.Length != sizeof(long))
            throw new ProtocolViolationException("the end of a slice that is none");
        Reap(call);
    }

    private void FailItem(BatchCall call)
    {
        try
        {
            call.FailItem(Outcome.Failed(new InvalidOperationException("failed by the worker")));
            if (call.CountAnswer())
                call.Finish();
        }
        catch (Exception e)
        {
            Broken ??= e;
        }
    }

    private void Reap(BatchCall call)
    {
        try
        {
            call.Reap(call.First + call.Answering, isOver: true);
            if (call.CountAnswer())
                call.Finish();
        }
        catch (Exception e)
        {
            Broken ??= e;
        }
    }

    /// <summary>It is a mistake of the host's.</summary>
    public void Break(Exception mistake) => Broken ??= mistake;

    public void OnQuickEnd(QuickCall call, FrameKind kind, ReadOnlySpan<byte> body)
    {
        Interlocked.Increment(ref ends);
        if (call.HasEnded)
            Broken ??= new InvalidOperationException($"quick call {call.Sequence} ended twice");
        if (kind is not (FrameKind.Failed or FrameKind.Cancelled or FrameKind.NotPortable or FrameKind.TooLarge or FrameKind.Unavailable))
            throw new ProtocolViolationException($"a quick call that ends with a {kind} frame");
        Guarded(body, (scoped ref PayloadReader reader) => Read(kind, ref reader));
        if (call is not BatchCall batch)
            call.Complete(Outcome.Failed(new InvalidOperationException("failed by the worker")));
        else
            FailItem(batch);
    }

    public void OnQuickEnded(List<QuickCall> run) => Assert.Fail("Each ended with its result.");

    private delegate void Reading(scoped ref PayloadReader reader);

    /// <summary>Readers of a worker's bytes may say that they are invalid, and nothing else.</summary>
    private void Guarded(ReadOnlySpan<byte> body, Reading read)
    {
        var reader = new PayloadReader(body, null, Buffers);
        try
        {
            read(ref reader);
        }
        catch (Exception e) when (e is not (InvalidPayloadException or ProtocolViolationException))
        {
            Broken ??= e;
        }
    }

    /// <summary>Kept for the caller, who reads it on its own thread: invalid bytes are then the call's failure.</summary>
    private void ReadLater(QuickCall call, ReadOnlySpan<byte> body)
    {
        call.KeepResult(body);
        try
        {
            Guarded(body.ToArray(), (scoped ref PayloadReader reader) => call.ReadResult(ref reader));
        }
        catch (InvalidPayloadException)
        {
            // Its caller is told.
        }
    }

    private static void Read(FrameKind kind, ref PayloadReader reader)
    {
        switch (kind)
        {
            case FrameKind.Ready:
                _ = Ready.Read(ref reader);
                break;
            case FrameKind.Begun:
                _ = reader.ReadByte();
                break;
            case FrameKind.Result or FrameKind.StreamItem:
                _ = Codecs.For<string>().Read(ref reader);
                break;
            case FrameKind.Failed:
                _ = RemoteFailure.Read(ref reader);
                break;
            case FrameKind.NotPortable:
                _ = (reader.ReadString(), reader.ReadString());
                break;
            case FrameKind.TooLarge:
                _ = (reader.ReadInt64(), reader.ReadInt64());
                break;
            case FrameKind.Unavailable:
                _ = Unavailable.Read(ref reader);
                break;
            case FrameKind.Progress:
                _ = reader.ReadInt32();
                _ = Codecs.For<int[]>().Read(ref reader);
                break;
            case FrameKind.Log:
                _ = LogRecord.Read(ref reader);
                break;
            case FrameKind.Cancelled or FrameKind.Stopped:
                break;
            default:
                throw new ProtocolViolationException($"a {kind} frame, which only a host sends");
        }
    }
}
