using Kernmantle.Wire.Shared;
using Microsoft.Win32.SafeHandles;

namespace Kernmantle.Child.Lane;

/// <summary>The segments as the worker has them. Thread-safe: the reader thread gets them, others use them.</summary>
internal sealed class WorkerSegments
{
    private readonly object gate = new();
    private readonly Dictionary<int, Segment> requests = [];
    private readonly Dictionary<int, Segment> answers = [];
    private int refusals;

    /// <summary>By the reader thread.</summary>
    public void Take(ControlMessage message, SafeFileHandle? file)
    {
        lock (gate)
        {
            switch (message.Kind)
            {
                case ControlKind.ForRequests:
                    requests.Add(message.Id, Segment.Open(message.Id, file!, message.Length));
                    break;
                case ControlKind.ForAnswers:
                    answers.Add(message.Id, Segment.Open(message.Id, file!, message.Length));
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
    public Segment Find(int id)
    {
        lock (gate)
        {
            Segment? segment;
            while (!requests.TryGetValue(id, out segment))
                Monitor.Wait(gate);
            return segment;
        }
    }

    /// <summary>Whether it has arrived.</summary>
    public bool Has(int id)
    {
        lock (gate)
            return requests.ContainsKey(id);
    }

    /// <summary>A free one to write to. One caller at a time.</summary>
    /// <param name="length">Of the body.</param>
    /// <param name="want">Asks the host for one.</param>
    /// <exception cref="InsufficientMemoryException">The host has none.</exception>
    public Segment Rent(int length, Action want)
    {
        lock (gate)
        {
            if (Free(length) is { } segment)
                return segment;
            int seen = refusals;
            want();
            while (true)
            {
                Monitor.Wait(gate);
                if (Free(length) is { } granted)
                    return granted;
                if (refusals != seen)
                    throw new InsufficientMemoryException($"{length} bytes of shared memory for the result could not be had. Return less, in parts (a stream), or give the machine or its container more memory.");
            }
        }
    }

    private Segment? Free(int length) => answers.Values.Where(s => s.Capacity >= length).OrderBy(static s => s.Length).FirstOrDefault(static s => s.TryClaim());

    private void Drop(int id)
    {
        // A segment of requests is free, and of answers too, when the host says so.
        if (requests.Remove(id, out Segment? segment) || answers.Remove(id, out segment))
            segment.Dispose();
    }
}
