using System.Runtime.InteropServices;
using Kernmantle.Host.Lane;
using Kernmantle.Platform.Linux;
using Kernmantle.Scheduling.Calls;
using Kernmantle.Scheduling.Streams;
using Kernmantle.Wire;
using Kernmantle.Wire.Shared;
using Microsoft.Win32.SafeHandles;

namespace Kernmantle.Tests.Transport.SharedMemory;

/// <summary>Plays a worker, on the same memory that the host has, against the host's end of the connection.</summary>
internal sealed unsafe class HostileWorker : IDisposable
{
    public const int RingBytes = 64 << 10;
    public const int LargestBody = 1 << 20;

    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(3);

    private readonly MappedMemory memory;
    private readonly Doorbell bell;
    private readonly byte* answers;
    private readonly RingReader requests;
    private readonly RingWriter writer;
    private readonly SocketPair pair = new();
    private readonly List<HostileSlice> slices = [];
    private long position;
    private long head;
    private bool lost;

    public HostileWorker(CompletionPump pump)
    {
        Host = new(pump, RingBytes, new AdaptiveSpin(TimeSpan.Zero), TimeSpan.Zero, LargestBody);
        memory = MappedMemory.OfRings(Host.Files.Rings, LinkWords.Size, RingBytes);
        bell = Doorbell.Open(Host.Files.Bell, pump.Bell.Length);
        Words = (LinkWords*)memory.Start;
        byte* rings = memory.Start + LinkWords.Size;
        answers = rings + 2L * RingBytes;
        requests = new(rings, RingBytes, &Words->RequestHead);
        writer = new(answers, RingBytes, &Words->ResponseHead);
        Host.Connect(pair.First);
        Receiver.Buffers = Host.Buffers;
        Ended = Host.ReceiveAsync(Receiver);

    }

    public SharedMemoryTransport Host { get; }

    public HostileReceiver Receiver { get; } = new();

    public LinkWords* Words { get; }

    /// <summary>Completes with the connection; faulted by a violation.</summary>
    public Task Ended { get; }

    public List<Segment> Segments { get; } = [];

    public Doorbell Bell => bell;

    /// <summary>How many wishes for a segment were answered.</summary>
    public int Granted { get; private set; }

    /// <summary>Offered, and not answered.</summary>
    public List<(QuickCall Call, byte[] Answer)> UnderWay { get; } = [];

    public void Offer(QuickCall call, byte[] answer)
    {
        if (Host.Offer(call) is null && call.Sequence > 0)
            UnderWay.Add((call, answer));
        if (call is HostileSlice slice)
            slices.Add(slice);
    }

    /// <summary>The numbers of calls that it was told to cancel.</summary>
    public List<long> Cancelled { get; } = [];

    /// <summary>Takes the requests, as a worker that has run them all.</summary>
    public void TakeRequests()
    {
        // After lies about how far it has read, the host writes over what was not read: there may be no end, and no sense, in it.
        for (int i = 0; i < RingBytes / RingRecord.Alignment && !lost; i++)
        {
            try
            {
                if (!requests.TryPeek(out RecordHeader header, out long id, out byte* body))
                    return;
                requests.Advance(header);
                if (header.Kind == FrameKind.QuickCall)
                    Interlocked.CompareExchange(ref Words->Begun, id, id - 1);
                else if (header.Kind == FrameKind.QuickSlice)
                    Interlocked.CompareExchange(ref Words->Begun, id + MemoryMarshal.Read<SliceHead>(new ReadOnlySpan<byte>(body, SliceHead.Size)).Count - 1, id - 1);
                else if (header.Kind == FrameKind.CancelQuick)
                    Cancelled.Add(id);
                else if (header.Kind == FrameKind.Resume)
                    Interlocked.Exchange(ref Words->Begun, id);
            }
            catch (ProtocolViolationException)
            {
                lost = true;
            }
        }
    }

    /// <summary>Takes the segments that were granted.</summary>
    public void TakeSegments()
    {
        while (!Ended.IsCompleted && pair.Second.Available > 0 && ControlChannel.TryReceive(pair.Second.SafeHandle, out ControlMessage message, out SafeFileHandle? file))
        {
            Granted += message.Kind is ControlKind.ForAnswers or ControlKind.Refused ? 1 : 0;
            if (message.Kind == ControlKind.ForAnswers && file is not null)
                Segments.Add(Segment.Open(message.Id, file, message.Length));
            else
                file?.Dispose();
            if (message.Kind == ControlKind.Drop && Segments.Find(s => s.Id == message.Id) is { } dropped)
            {
                Segments.Remove(dropped);
                dropped.Dispose();
            }
        }
    }

    /// <summary>Writes records where the host reads next; the last one is published first, so that they are seen together.</summary>
    public void Write(IReadOnlyList<HostileRecord> records)
    {
        long at = position;
        var headers = new List<(long At, long Header)>();
        foreach (HostileRecord record in records)
        {
            headers.Add((at, record.Header));
            *(long*)Place(at) = 0;
            *(long*)(Place(at) + 8) = record.Id;
            record.Body.CopyTo(new Span<byte>(Place(at) + RingRecord.BodyOffset, record.Body.Length));
            at += record.Size;
        }
        *(long*)Place(at) = 0;
        for (int i = headers.Count - 1; i >= 0; i--)
            Volatile.Write(ref *(long*)Place(headers[i].At), headers[i].Header);
    }

    /// <summary>The same record over and over, with no place behind the last.</summary>
    public void FillRing(HostileRecord record)
    {
        for (long at = position + RingBytes - record.Size; at >= position; at -= record.Size)
        {
            record.Body.CopyTo(new Span<byte>(Place(at) + RingRecord.BodyOffset, record.Body.Length));
            *(long*)(Place(at) + 8) = record.Id;
            Volatile.Write(ref *(long*)Place(at), record.Header);
        }
    }

    /// <summary>How many <see cref="TryWriteBehind"/> wrote.</summary>
    public int Written { get; private set; }

    /// <summary>Writes one record as a correct worker does, if there is room.</summary>
    public bool TryWriteBehind(HostileRecord record)
    {
        if (!writer.TryReserve(record.Body.Length, out byte* body))
            return false;
        record.Body.CopyTo(new Span<byte>(body, record.Body.Length));
        writer.Publish(record.Body.Length, record.Kind, 0, record.Id);
        Written++;
        return true;
    }

    /// <summary>
    /// A lie about how far the host has read: its own word, which it writes anew with every record. What it had written there is not
    /// lost, even if the pump did so just now; and a lie never looks like what the host may write next.
    /// </summary>
    public void LieAboutHead(long lie)
    {
        if (lie > position && lie - position <= RingBytes && lie % RingRecord.Alignment == 0)
            lie++;
        long written = Interlocked.Exchange(ref Words->ResponseHead, lie);
        if (written != head)
            position = written;
        head = lie;
    }

    /// <summary>Lets the host take everything, on this thread or on the pump's. Nothing may be left, unless the connection has failed.</summary>
    public void LetTake(bool byPump)
    {
        long started = Environment.TickCount64;
        while (!Ended.IsCompleted)
        {
            if (byPump)
                bell.Signal(Words->Place & 63);
            bool more = Host.Pump();
            long now = Volatile.Read(ref Words->ResponseHead);
            position = now == head ? position : now;
            head = now;
            if (!more && *(long*)Place(position) == 0)
                return;
            if (!more && new RecordHeader(*(long*)Place(position)).Kind is FrameKind.QuickItems or FrameKind.StreamItems)
                *(long*)Place(position) = 0;   // one that is never closed
            Assert.True(Environment.TickCount64 - started < Bound.TotalMilliseconds, $"the host does not take what is there: {new RecordHeader(*(long*)Place(position))} at {position}, more {more}, pump wanted {Host.NeedsPump}");
            Thread.Yield();
        }
    }

    /// <summary>Changes a few bytes of what the host reads next, from any thread.</summary>
    public void Scribble(Random random)
    {
        bool held = false;
        try
        {
            memory.DangerousAddRef(ref held);
            long at = Volatile.Read(ref position) + random.Next(300);
            Place(at)[0] = random.Next(4) == 0 ? (byte)random.Next(256) : Place(at)[32];
        }
        catch (ObjectDisposedException)
        {
            // It has just ended.
        }
        finally
        {
            if (held)
                memory.DangerousRelease();
        }
    }

    /// <summary>A worker that ends. Returns the violation for which the host let go of it; null if there was none.</summary>
    public Exception? End()
    {
        pair.Second.Dispose();
        try
        {
            Ended.WaitAsync(Bound).GetAwaiter().GetResult();
            return null;
        }
        catch (Exception e) when (e is not TimeoutException)
        {
            return e;
        }
    }

    public void Dispose()
    {
        Host.DisposeAsync().AsTask().WaitAsync(Bound).GetAwaiter().GetResult();
        foreach (HostileSlice slice in slices)
            slice.Complete(Outcome.Cancelled);   // as the pool does: until then it holds its memory
        pair.Dispose();
        bell.Dispose();
        memory.Dispose();
        foreach (Segment segment in Segments)
            segment.Dispose();
    }

    private byte* Place(long at) => answers + (at & (RingBytes - 1));
}
