using Kernmantle.Host.Lane.Rings;
using Kernmantle.Scheduling.Streams;
using Kernmantle.Wire.Shared;

namespace Kernmantle.Host.Lane.Quick;

/// <summary>
/// What the consumer of a stream does, on its own thread, while it has nothing: it takes what its worker sends, as a caller does. Where items come sooner than a thread wakes up, neither it nor the pump
/// sleeps between them.
/// </summary>
/// <param name="lane">The worker's.</param>
/// <param name="stream">Whether the worker has it yet.</param>
/// <param name="answers">The consumer takes them itself.</param>
/// <param name="spin">How long callers look for an answer.</param>
/// <param name="items">What is waited for.</param>
/// <param name="number">Of the stream.</param>
internal sealed class StreamAttention(SharedLane lane, StreamUnderWay stream, QuickAnswers answers, AdaptiveSpin spin, StreamItems items, long number) : IStreamWorker
{
    /// <summary>The first item takes as long as its call takes to begin.</summary>
    private Backoff backoff = Backoff.Of(1);

    private bool attends;

    public void Grant(long taken) => stream.Grant(number, taken);

    public void Attend()
    {
        if (!spin.IsWorthwhile || backoff.IsLeftOut())
            Leave();
        else
            WithMemory(static self => self.Look());
    }

    public void Leave()
    {
        if (attends)
            WithMemory(static self => self.LeaveToPump());
    }

    private void Look()
    {
        attends = true;
        answers.Attend(number);
        var wait = new AdaptiveSpin.Wait(spin, woke: false);
        do
        {
            if (lane.Answers.HasRecord)
                answers.TryDrain(null);
        }
        while (!items.HasNews && wait.Next());
        if (items.HasNews)
        {
            wait.Succeeded();
            backoff.Succeeded();
        }
        else
        {
            backoff.InVain();
        }
        if (!items.HasNews || !stream.IsOpen(number))
            LeaveToPump();
    }

    private void LeaveToPump()
    {
        attends = false;
        answers.AskToRing();
    }

    private void WithMemory(Action<StreamAttention> act)
    {
        bool held = false;
        try
        {
            lane.Memory.Hold(ref held);
            act(this);
        }
        catch (ObjectDisposedException)
        {
            // The worker is gone; its end ends the stream.
        }
        finally
        {
            if (held)
                lane.Memory.Release();
        }
    }
}
