using System.ComponentModel;
using Kernmantle.Wire.Bytes;
using Kernmantle.Wire.Shared;
using Microsoft.Win32.SafeHandles;

namespace Kernmantle.Host.Lane.Rings;

/// <summary>
/// The segments that requests to one worker lie in. Only the host can write there, so that what was encoded once can be sent again, be it to another worker. One is free when
/// its call needs it no more, and the worker has gone past the record that names it. Thread-safe.
/// </summary>
internal sealed class RequestSegments(LaneChannel channel, LaneEnd end, RingWriter ring) : IDisposable
{
    /// <summary>While there are more, one that becomes free is given back to the system, in bytes.</summary>
    public const long MostKept = 256L << 20;

    /// <summary>So many are enough to have one encoded while others are read; what is free beyond that is given back to the system.</summary>
    public const int Kept = 4;

    private readonly List<RequestSegment> segments = [];

    /// <summary>How much memory they are. Under the lane's lock.</summary>
    public long Bytes => segments.Sum(static s => s.Length);

    /// <summary>Memory for a payload of that length; null if there is none to be had.</summary>
    /// <param name="length">In bytes.</param>
    /// <param name="isNeeded">It can go no other way: more are made than are kept.</param>
    /// <param name="onOpen">Called under the lock, if the connection is open.</param>
    public RequestSegment? TryRent(int length, bool isNeeded, Action? onOpen = null)
    {
        lock (end.Gate)
        {
            if (end.IsClosed || !channel.IsConnected)
                return null;
            onOpen?.Invoke();
            RequestSegment? free = segments.Where(s => s.Capacity >= length && IsFree(s)).MinBy(static s => s.Capacity);
            if (free is not null)
            {
                free.Hold();
                return free;
            }
            if (!isNeeded && segments.Count(s => !IsFree(s)) >= Kept)
                return null;
        }
        return Create(length);   // not under the lock: it takes as long as clearing so much memory
    }

    /// <summary>Its call needs it no more.</summary>
    public void Return(RequestSegment segment)
    {
        lock (end.Gate)
        {
            segment.IsHeld = false;
            if (!end.IsClosed && Bytes > MostKept && IsFree(segment))
                TryDrop(segment);
        }
    }

    /// <summary>After the end of the connection. What a call has yet, stays until that has ended.</summary>
    public void Dispose()
    {
        foreach (RequestSegment segment in segments)
            segment.Close();
    }

    private bool IsFree(RequestSegment segment) => !segment.IsHeld && ring.IsTaken(segment.TakenAt);

    private RequestSegment? Create(int length)
    {
        RequestSegment segment;
        SafeFileHandle file;
        try
        {
            segment = new(this, Segment.CreateForRequests(length, out file));
        }
        catch (Win32Exception)
        {
            return null;   // said by who needs it
        }
        using (file)
        {
            lock (end.Gate)
            {
                if (!end.IsClosed)
                {
                    while (segments.Count >= Kept && segments.Find(IsFree) is { } spare && TryDrop(spare))
                        continue;
                    if (channel.TrySend(new(ControlKind.ForRequests, segment.Id, segment.Length), file))
                    {
                        segments.Add(segment);
                        segment.Hold();
                        return segment;
                    }
                }
            }
        }
        segment.Close();
        return null;
    }

    private bool TryDrop(RequestSegment spare)
    {
        if (!channel.TrySend(new(ControlKind.Drop, spare.Id)))
            return false;
        segments.Remove(spare);
        spare.Close();
        return true;
    }
}

/// <summary>One of them: while it is held, the memory stays, whatever becomes of its worker.</summary>
internal sealed class RequestSegment(RequestSegments owner, Segment segment) : PayloadRoom
{
    public RequestSegments Owner => owner;

    public int Id => segment.Id;

    public long Length => segment.Length;

    public override int Capacity => segment.Capacity;

    /// <summary>A call has it. Under the lane's lock.</summary>
    public bool IsHeld { get; set; }

    /// <summary>The worker reads it until it has taken the requests up to there. Under the lane's lock.</summary>
    public long TakenAt { get; set; }

    /// <summary>The memory is gone.</summary>
    public bool IsUnmapped => segment.Memory.IsClosed;

    /// <summary>The memory is the host's alone, until it is sent: before the payload, from <see cref="Segment.StartOf"/> on, there is room for a head.</summary>
    public Span<byte> At(int start, int length) => segment.At(start, length);

    public override Span<byte> GetSpan() => segment.Body(segment.Capacity);

    /// <summary>Under the lane's lock.</summary>
    public void Hold()
    {
        bool held = false;
        segment.Memory.DangerousAddRef(ref held);
        IsHeld = true;
    }

    public override void Release()
    {
        owner.Return(this);
        segment.Memory.DangerousRelease();
    }

    /// <summary>It is used no more: the memory goes when nobody holds it.</summary>
    public void Close() => segment.Dispose();
}
