using Kernmantle.Scheduling.Calls;

namespace Kernmantle.Scheduling;

/// <summary>Calls come that were counted before, and find room whatever there is of it: they have waited for it, or had it already.</summary>
internal sealed class Admitted(Scheduler scheduler)
{
    /// <summary>One that has waited. A quick one had been submitted before, and who did that watches its token.</summary>
    public void Submit(Call call)
    {
        if (call is not QuickCall)
            scheduler.Prepare(call);
        using (new Transition(scheduler))
        {
            scheduler.Admission.OnSubmitted();
            scheduler.Dispatcher.Accept(call, isAdmitted: true);
        }
        if (call is not QuickCall)
            scheduler.WatchToken(call);
    }

    /// <summary>Quick ones that have waited, and that nobody else has: to the queue, in their order, where they join, and from there to workers.</summary>
    public void Submit(List<QuickCall> calls) => Submit(calls, static admission => admission.OnSubmitted());

    /// <summary>Quick ones that had room as part of another, and that nobody else has.</summary>
    public void Return(List<QuickCall> calls) => Submit(calls, static _ => { });

    private void Submit(List<QuickCall> calls, Action<Admission> onEach)
    {
        foreach (QuickCall call in calls)
        {
            call.Enter();
            scheduler.Prepare(call);
            scheduler.Cancellation.WatchQuick(call);
        }
        using (new Transition(scheduler))
        {
            foreach (QuickCall call in calls)
            {
                onEach(scheduler.Admission);
                LargePayloads.Expect(call, null);
                scheduler.Dispatcher.Accept(call, isAdmitted: true);
            }
            scheduler.Ahead.RefillAll();
        }
        foreach (QuickCall call in calls)
            call.Leave();
    }
}
