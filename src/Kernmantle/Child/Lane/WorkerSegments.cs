using Kernmantle.Wire.Bytes;
using Kernmantle.Wire.Shared;
using Microsoft.Win32.SafeHandles;

namespace Kernmantle.Child.Lane;

/// <summary>The segments as the worker has them. Thread-safe: the reader thread gets them, others use them.</summary>
/// <param name="want">Asks the host for one to write to.</param>
/// <param name="waitForOne">Waits until the host has read what is in one, or for no reason; looks for itself before it sleeps.</param>
internal sealed class WorkerSegments(Action<int> want, Action<Func<bool>> waitForOne)
{
    private readonly object gate = new();
    private readonly object renting = new();
    private readonly Dictionary<int, Segment> requests = [];
    private readonly List<AnswerSegment> answers = [];
    private int refusals;

    /// <summary>By the reader thread.</summary>
    public void Take(ControlMessage message, SafeFileHandle? file)
    {
        lock (gate)
        {
            switch (message.Kind)
            {
                case ControlKind.ForRequests:
                    requests.Add(message.Id, Segment.Open(message.Id, file!, message.Length, isReadOnly: true));
                    break;
                case ControlKind.ForSlices:
                    requests.Add(message.Id, Segment.Open(message.Id, file!, message.Length));
                    break;
                case ControlKind.ForAnswers:
                    answers.Add(new(Segment.Open(message.Id, file!, message.Length)));
                    break;
                case ControlKind.Refused:
                    refusals++;
                    break;
                default:
                    Drop(message.Id);
                    break;
            }
            Monitor.PulseAll(gate);
        }
    }

    /// <summary>The one that a request lies in: its descriptor may still be on the way.</summary>
    public Segment Find(int id) => Find(id, static () => false)!;

    /// <summary>The same of a request that the host may have taken back, and the segment with it: null then.</summary>
    /// <param name="id">The segment's.</param>
    /// <param name="isTakenBack">Whether it has: asked before each wait.</param>
    public Segment? Find(int id, Func<bool> isTakenBack)
    {
        lock (gate)
        {
            Segment? segment;
            while (!requests.TryGetValue(id, out segment))
            {
                if (isTakenBack())
                    return null;
                Monitor.Wait(gate);
            }
            return segment;
        }
    }

    /// <summary>Whether it has arrived.</summary>
    public bool Has(int id)
    {
        lock (gate)
            return requests.ContainsKey(id);
    }

    /// <summary>A free one to write to.</summary>
    /// <param name="length">Of the body.</param>
    /// <exception cref="InsufficientMemoryException">The host has none.</exception>
    public AnswerSegment Rent(int length)
    {
        lock (renting)
        {
            if (Free(length) is { } free)
                return free;
            while (AreManyUnread())
            {
                waitForOne(AreManyUnread);
                if (Free(length) is { } read)
                    return read;
            }
            return Ask(length);
        }
    }

    private AnswerSegment Ask(int length)
    {
        int seen;
        lock (gate)
            seen = refusals;
        want(length);
        lock (gate)
        {
            while (true)
            {
                if (Free(length) is { } granted)
                    return granted;
                if (refusals != seen)
                    throw new InsufficientMemoryException($"{length} bytes of shared memory for the result could not be had. Return less, in parts (a stream), or give the machine or its container more memory.");
                Monitor.Wait(gate);
            }
        }
    }

    private bool AreManyUnread()
    {
        lock (gate)
            return answers.Count(static s => s.IsInUse) >= Segment.MostUnread;
    }

    private AnswerSegment? Free(int length)
    {
        lock (gate)
        {
            AnswerSegment? best = null;
            foreach (AnswerSegment each in answers)
            {
                if (each.Capacity >= length && (best is null || each.Capacity < best.Capacity) && !each.IsInUse)
                    best = each;
            }
            return best?.TryClaim() == true ? best : null;
        }
    }

    private void Drop(int id)
    {
        // A segment of requests is free, and of answers too, when the host says so.
        if (requests.Remove(id, out Segment? segment))
            segment.Dispose();
        else if (answers.Find(s => s.Id == id) is { } answer && answers.Remove(answer))
            answer.Close();
    }
}

/// <summary>One to write to.</summary>
internal sealed class AnswerSegment(Segment segment) : PayloadRoom
{
    public int Id => segment.Id;

    public override int Capacity => segment.Capacity;

    public bool IsInUse => segment.IsInUse;

    public bool TryClaim() => segment.TryClaim();

    public override Span<byte> GetSpan() => segment.Body(segment.Capacity);

    /// <summary>What is in it is not sent.</summary>
    public override void Release() => segment.IsInUse = false;

    public void Close() => segment.Dispose();
}
