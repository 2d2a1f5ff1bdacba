using System.Net.Sockets;
using Kernmantle.Platform.Linux;
using Kernmantle.Wire;
using Kernmantle.Wire.Shared;

namespace Kernmantle.Host.Lane.Rings;

/// <summary>
/// The host's end of the shared memory with one worker. It carries bytes and numbers, and knows no call and no pool: requests are offered, each with the next numbers;
/// what the worker has not begun can be recalled; answers come in the order of the numbers.
/// </summary>
internal sealed unsafe class SharedLane : IDisposable
{
    /// <summary>Writing more takes longer than a worker that was woken looks for a request, in bytes.</summary>
    private const int LongestToWakeBefore = 1 << 20;

    private readonly LaneMemory memory;
    private readonly LaneRequests requests;
    private readonly SliceSegments slices;
    private readonly Action wake;

    /// <param name="ringBytes">Of each of the two rings, a power of two.</param>
    /// <param name="largestBody">The largest body there may be.</param>
    /// <param name="spinBudget">How long the worker looks for a request.</param>
    /// <param name="bellBytes">Of the page whose bell it rings.</param>
    /// <exception cref="System.ComponentModel.Win32Exception">There is no shared memory to be had.</exception>
    public SharedLane(int ringBytes, long largestBody, TimeSpan spinBudget, int bellBytes)
    {
        memory = new(ringBytes);
        Segments = new(Channel, largestBody);
        RequestSegments = new(Channel, End, memory.Requests);
        slices = new(Channel);
        requests = new(memory, End, Channel, RequestSegments);
        wake = () => requests.WakeWorker();
        Answers = new(memory, End, Segments);
        Numbers = new(memory, End);
        Caller = new(memory, End, Numbers);
        Clock = new(memory, End);
        memory.Words->SpinMicroseconds = (int)spinBudget.TotalMicroseconds;
        memory.Words->BellBytes = bellBytes;
        memory.Words->HostWaiting = 1;
        memory.Words->HasRemoteBarrier = RemoteBarrier.IsAvailable ? 1 : 0;
    }

    public LaneMemory Memory => memory;

    public LaneEnd End { get; } = new();

    public LaneChannel Channel { get; } = new();

    /// <summary>Its owner holds <see cref="LaneEnd.Gate"/>.</summary>
    public AnswerSegments Segments { get; }

    /// <summary>Where large payloads of requests lie.</summary>
    public RequestSegments RequestSegments { get; }

    /// <summary>
    /// Memory for the payload of a request that the worker will most probably get, be it idle; null if there is none, or enough of it in use. A worker that sleeps is woken now: it wakes up while
    /// the payload is written.
    /// </summary>
    public RequestSegment? TryRentRoom(int length) => RequestSegments.TryRent(length, isNeeded: false, length <= LongestToWakeBefore ? wake : null);

    /// <summary>How much memory it is, in bytes.</summary>
    public long Bytes
    {
        get
        {
            lock (End.Gate)
                return End.IsClosed ? 0 : LinkWords.Size + 2L * memory.RingBytes + Segments.Bytes + RequestSegments.Bytes + slices.Bytes;
        }
    }

    /// <summary>The largest body of a request that needs no segment.</summary>
    public int LargestInRing => requests.LargestBody;

    public LaneAnswers Answers { get; }

    public LaneNumbers Numbers { get; }

    public LaneCaller Caller { get; }

    public LaneClock Clock { get; }

    /// <summary>Requests wait for room.</summary>
    public bool HasOverflown => requests.HaveOverflown;

    /// <summary>Where the worker's bell is, before it is started.</summary>
    public void SetPlace(int place) => memory.Words->Place = place;

    /// <summary>The worker has been started; the descriptors have been handed over.</summary>
    public void Connect(Socket socket)
    {
        Channel.Connect(socket);
        memory.File.Dispose();
    }

    /// <summary>Sends a frame that needs no number. Nothing, once the connection has ended.</summary>
    /// <exception cref="InsufficientMemoryException">There is no memory for so large a body.</exception>
    public void Send(FrameKind kind, long id, ReadOnlySpan<byte> head, ReadOnlyMemory<byte> payload = default)
    {
        lock (End.Gate)
        {
            if (End.IsClosed)
                return;
            requests.Write(kind, 0, id, head, payload);
            requests.WakeWorker();
        }
        if (kind is FrameKind.CancelCall or FrameKind.CancelQuick or FrameKind.CancelToken or FrameKind.StreamCredit or FrameKind.ObjectAnswer or FrameKind.MemoryAnswer or FrameKind.Stop)
            Channel.Nudge();
    }

    /// <summary>Under the lock, while the connection is open: sends what is to stand before the next request.</summary>
    public void Prepare(FrameKind kind, long id, ReadOnlySpan<byte> body) => requests.Write(kind, 0, id, body, default);

    /// <summary>Under the lock, while the connection is open: sends a request with the next so many numbers; its payload may lie in a segment already. Returns whether the worker slept.</summary>
    /// <exception cref="InsufficientMemoryException">There is no memory for so large a body; the numbers were not given.</exception>
    public bool Offer(FrameKind kind, byte flags, int count, ReadOnlySpan<byte> head, ReadOnlyMemory<byte> payload, RequestSegment? segment = null)
    {
        long first = Numbers.Offered + 1;
        Numbers.Offer(count);   // before the worker can answer it
        Numbers.HasItems |= kind is FrameKind.QuickBatch or FrameKind.QuickSlice;
        try
        {
            if (segment is null)
                requests.Write(kind, flags, first, head, payload);
            else
                requests.Write(kind, flags, first, head, segment, payload.Length);
        }
        catch (InsufficientMemoryException)
        {
            Numbers.Withdraw(count);
            throw;
        }
        return requests.WakeWorker();
    }

    /// <summary>Under the lock, while the connection is open: memory for the items of a slice, to be named in its request. Null: it has ended.</summary>
    /// <exception cref="InsufficientMemoryException">There is none.</exception>
    public LaneSlice? RentSlice(int bytes)
    {
        if (slices.Rent(bytes) is not { } segment)
        {
            if (Channel.HasEnded())
                return null;
            throw new InsufficientMemoryException($"{bytes} bytes of shared memory for a part of a map could not be had. Give the machine or its container more memory.");
        }
        return new(segment, End);
    }

    /// <summary>Under the lock: takes back what has not begun; <see cref="Resume"/> is to follow. False: the worker has not yet answered the last recall, or the connection has ended.</summary>
    public bool TryRecall(out long first, out long last) => Numbers.TryRecall(out first, out last);

    /// <summary>Under the lock: what comes after that number, the last that was recalled, may begin.</summary>
    public void Resume(long last)
    {
        requests.Write(FrameKind.Resume, 0, last, default, default);
        requests.WakeWorker();
    }

    /// <summary>What it runs under that number is to end early.</summary>
    public void Cancel(long number) => Send(FrameKind.CancelQuick, number, default);

    /// <summary>Under the lock, before a stream is offered: nothing of it has been taken.</summary>
    public void OpenStream() => memory.Words->StreamTaken = 0;

    /// <summary>Under the lock, while the connection is open: so much of the stream that it runs has been taken.</summary>
    public void GrantStream(long taken)
    {
        Volatile.Write(ref memory.Words->StreamTaken, taken);
        Answers.MakeRoomKnown();
    }

    /// <summary>Sends what waited for room, as far as there is some now.</summary>
    public void Flush()
    {
        lock (End.Gate)
        {
            if (End.IsClosed)
                return;
            requests.FlushOverflow();
            requests.WakeWorker();
        }
    }

    /// <summary>Completes when the connection is to end: the worker has, or wrote what it may not.</summary>
    public Task ClosedAsync() => Task.WhenAny(Channel.EndAsync(), End.Reason);

    /// <summary>
    /// No more frames, either way. Who sleeps here is woken. The worker, if it still lives, begins nothing more: what it has begun by
    /// now is known for good.
    /// </summary>
    public void Close()
    {
        lock (End.Gate)
        {
            if (End.IsClosed)
                return;
            Numbers.Retire();
            requests.Close();
            End.Close();
            Caller.Signal();
        }
    }

    /// <summary>After <see cref="Close"/>, when nobody takes answers any more.</summary>
    public void Dispose()
    {
        lock (End.Gate)
        {
            memory.Dispose();
            Segments.Dispose();
            RequestSegments.Dispose();
            slices.Dispose();
        }
    }
}
