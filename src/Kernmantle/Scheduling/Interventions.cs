using Kernmantle.Scheduling.Calls;

namespace Kernmantle.Scheduling;

/// <summary>What somebody who looks at a pool does to it, beside its callers: each names a worker's incarnation or a call, and does nothing to another one.</summary>
internal sealed class Interventions(Scheduler scheduler)
{
    /// <summary>Ends the worker at once; its call fails with it, and another worker takes its place.</summary>
    /// <exception cref="InvalidOperationException">That worker has ended.</exception>
    /// <exception cref="NotSupportedException">It is a thread.</exception>
    public void Kill(int index, long generation)
    {
        using var transition = new Transition(scheduler);
        Slot slot = Find(index, generation);
        PoolWorker worker = slot.Worker!;
        if (!worker.CanKill)
            throw new NotSupportedException($"{slot.Name} is a thread, which cannot be killed: cancel its call, or use a pool of processes.");
        var cause = new WorkerCrashedException($"{slot.Name} (pid {worker.ProcessId}) was killed on request.", CrashReason.Killed, null, null, [], ["Somebody who looked at the pool has asked for it."]) { WorkerName = slot.Name };
        if (RunningIn(slot) is { } call)
        {
            scheduler.Killing.Kill(slot, call, Outcome.Failed(cause));
            return;
        }
        scheduler.Records.KillIdle(slot, worker, cause);
        scheduler.Then(new(EffectKind.Kill, worker));
        if (slot.Current is { } assigned && slot.Drop(assigned))
            scheduler.Dispatcher.Move(assigned, cause);
        scheduler.Ahead.Retire(slot);
        scheduler.Supervisor.Replace(slot, cause);
    }

    /// <summary>Replaces the worker as soon as it runs nothing, at once where it does not.</summary>
    /// <exception cref="InvalidOperationException">That worker has ended, or an object lives in it.</exception>
    /// <exception cref="NotSupportedException">The caller is the worker.</exception>
    public void Recycle(int index, long generation)
    {
        using var transition = new Transition(scheduler);
        Slot slot = Find(index, generation);
        if (scheduler.Kind.CallerIsWorker)
            throw new NotSupportedException($"{slot.Name} is whoever calls: there is nothing to recycle.");
        if (slot.Instances > 0)
            throw new InvalidOperationException($"{slot.Instances} objects live in {slot.Name}, which would be lost: dispose of them first, or kill the worker.");
        slot.IsToBeRecycled = true;
        if (slot is { Ready: true, Running: 0 })
            scheduler.Recycler.TryRecycle(slot);
    }

    /// <summary>What each thread of the worker does.</summary>
    /// <exception cref="InvalidOperationException">That worker has ended, or nobody here can look at it.</exception>
    public async Task<string> TakeStacksAsync(int index, long generation, TimeSpan budget)
    {
        PoolWorker worker;
        string name;
        lock (scheduler.Gate)
        {
            Slot slot = Find(index, generation);
            (worker, name) = (slot.Worker!, slot.Name);
        }
        return await worker.TakeStacksAsync(budget).ConfigureAwait(false) ?? throw new InvalidOperationException(worker.CanKill
            ? $"The stacks of {name} cannot be taken: of a .NET worker, the package Kernmantle.Diagnostics takes them. Reference it."
            : $"{name} is a thread of this process: whoever stopped it to look would have to be one of its threads. Only worker processes can be looked at.");
    }

    /// <summary>Cancels the call as its caller's token would. False: there is no such call any more.</summary>
    public bool Cancel(long id)
    {
        Call? call;
        using (new Transition(scheduler))
        {
            call = Calls().FirstOrDefault(c => c.Id == id);
            if (call is null or { CancelRequested: true })
                return call is not null;
            if (call is QuickCall quick)
            {
                scheduler.Cancellation.RequestQuick(quick);
                return true;
            }
        }
        scheduler.Cancellation.Request(call);   // no other call will ever be that object
        return true;
    }

    /// <summary>The call that the slot's worker has begun; of several, one that it is known of.</summary>
    public static Call? RunningIn(Slot slot) =>
        slot.Current is { State: CallState.Begun } current ? current
        : slot.Worker is { } worker && slot.Quick.FirstOrDefault(worker.HasBegun) is { } quick ? quick
        : slot.Interleaved.FirstOrDefault();

    private Slot Find(int index, long generation) =>
        index >= 0 && index < scheduler.Slots.Count && scheduler.Slots[index] is { Worker: not null } slot && slot.Generation == generation
            ? slot
            : throw new InvalidOperationException("That worker has ended. Look again.");

    private IEnumerable<Call> Calls() => scheduler.Slots
        .SelectMany(static slot => slot.Quick.Concat(slot.Interleaved).Concat(slot.Queue).Concat(slot.Current is { } current ? [current] : []))
        .Concat(scheduler.Dispatcher.Queue);
}
