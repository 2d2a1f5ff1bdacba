using Kernmantle.Host.Lane.Rings;
using Kernmantle.Scheduling.Calls;
using Kernmantle.Wire.Shared;

namespace Kernmantle.Host.Lane.Quick;

/// <summary>What a caller does, on its own thread, until its call has ended.</summary>
/// <param name="lane">The worker's.</param>
/// <param name="answers">The caller takes them itself.</param>
/// <param name="spin">How long callers look for an answer.</param>
internal sealed class QuickAttention(SharedLane lane, QuickAnswers answers, AdaptiveSpin spin)
{
    /// <summary>As <see cref="Scheduling.PoolWorker.Look"/>, <see cref="Scheduling.PoolWorker.Sleep"/> and <see cref="Scheduling.PoolWorker.Leave"/>.</summary>
    public bool Attend(QuickCall call, Attendance how)
    {
        bool held = false;
        try
        {
            lane.Memory.Hold(ref held);
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
                lane.Memory.Release();
        }
    }

    private bool Look(QuickCall call)
    {
        // A worker that slept is often put on the core of who woke it: looking for its answer there would only hold it up.
        if (!spin.IsWorthwhile || call.WokeWorker || spin.IsLeftOut())
            return call.HasEnded;
        LaneAnswers incoming = lane.Answers;
        var wait = new AdaptiveSpin.Wait(spin, woke: false);
        do
        {
            if (call.HasEnded || (incoming.HasRecord && answers.TryDrain(call) && call.HasEnded))
            {
                wait.Succeeded();
                return true;
            }
            if (wait.IsLong && lane.Numbers.IsNextAndNotBegun(call.First))
            {
                spin.InVain();   // it has no core
                return false;
            }
        }
        while (wait.Next());
        return false;
    }

    /// <summary>Sleeps until the worker, or whoever takes its answer, rings.</summary>
    private bool Sleep(QuickCall call)
    {
        while (true)
        {
            lane.Caller.TellProcessor();
            int bell = lane.Caller.Bell;   // set first: a bell that rings from here on ends the sleep
            bool told = lane.Caller.TellWorker(call.AttendedAs, LinkWords.Sleeps);
            if (lane.End.IsClosed || !call.IsAttended || call.HasEnded)
                break;
            if (told && answers.NeedNotBeTaken)
            {
                lane.Caller.Sleep(bell);
                LookForAnnounced(call);
            }
            else if (!answers.TryDrain(call))
                Thread.Yield();   // never asleep while there is something: who drains now may have passed it
        }
        return call.HasEnded;
    }

    /// <summary>A worker rings before it writes a large result, too.</summary>
    private void LookForAnnounced(QuickCall call)
    {
        if (!spin.IsWorthwhile)
            return;
        var wait = new AdaptiveSpin.Wait(spin, woke: false);
        while (!call.HasEnded && call.IsAttended && !lane.End.IsClosed && !lane.Answers.HasRecord && wait.Next())
            continue;
    }

    /// <summary>From now on the worker rings for the pump.</summary>
    private bool Leave(QuickCall call)
    {
        _ = lane.Caller.TellWorker(call.AttendedAs, LinkWords.Left);
        while (!call.HasEnded && answers.CanBeTaken)
        {
            if (!answers.TryDrain(call))
                Thread.Yield();
        }
        return call.HasEnded;
    }
}

/// <summary>What a caller does until its call has ended.</summary>
internal enum Attendance
{
    Look,
    Sleep,
    Leave,
}
