using Kernmantle.Scheduling.Calls;

namespace Kernmantle.Scheduling;

/// <summary>What holds whenever nobody has the scheduler's lock.</summary>
internal static class Invariants
{
    /// <summary>What does not hold; null if all does.</summary>
    public static string? Violation(Scheduler scheduler)
    {
        SlotTable slots = scheduler.Slots;
        Admission admission = scheduler.Admission;
        Call[] inQueues = [.. scheduler.Dispatcher.Queue, .. slots.SelectMany(static s => s.Queue)];
        int queued = scheduler.Dispatcher.Queued, parked = scheduler.Elasticity.Parked, least = scheduler.Elasticity.LeastWorkers;
        int live = scheduler.Ledger.Live, waiting = admission.Waiters, pausing = scheduler.Retries.Pausing.Count;
        return inQueues.Sum(static c => c.Places) != queued ? $"{inQueues.Sum(static c => c.Places)} calls in the queues, {queued} counted"
            : Array.Find(inQueues, static c => c.State != CallState.Queued || c.Slot is not null || c.Waiter is not null) is { } odd ? $"{odd} is in a queue and {odd.State}"
            : admission.Unadmitted - waiting is < 0 or > Admission.AtOnce ? $"{waiting} wait, {admission.Unadmitted} counted"
            : live < inQueues.Length + waiting + pausing ? $"{live} alive, {inQueues.Length} queued, {waiting} waiting, {pausing} pausing"
            : admission.AnyWaitsThatShouldFail ? "calls wait that were to fail"
            : scheduler.Breaker.IsOpen && inQueues.Length + waiting + pausing > 0 ? "calls wait for a broken pool"
            : scheduler.Breaker is { IsTrying: true, IsOpen: false } ? "a pool that is not broken tries to heal"
            : slots.Count(static s => s.IsParked) != parked ? $"{slots.Count(static s => s.IsParked)} slots are parked, {parked} counted"
            : slots.Count - parked < least ? $"{slots.Count - parked} workers, where there are always {least}"
            : parked > 0 && parked == slots.Count && queued > 0 && !scheduler.Shutdown.HasBegun ? "calls wait, and no worker starts"
            : slots.Concat(scheduler.Spares).Select(Violation).FirstOrDefault(static v => v is not null);
    }

    private static string? Violation(Slot slot) =>
        slot.IsParked && slot.Worker is not null ? $"{slot.Name} is parked and has a worker"
        : slot.IsParked && slot.Queue.Count > 0 ? $"{slot.Name} is parked and has calls"
        : slot.Ready && slot.Worker is null ? $"{slot.Name} is ready without a worker"
        : !slot.Ready && (slot.Current is not null || slot.Quick.Count + slot.Interleaved.Count > 0) ? $"{slot.Name} has calls and is not ready"
        : slot.Current is { State: not (CallState.Assigned or CallState.Begun) } current ? $"{slot.Name} runs {current}, which is {current.State}"
        : slot.Current is not null && slot.Quick.Count > 0 ? $"{slot.Name} runs calls of both ways"
        : slot.Interleaved.Any(static c => c.State != CallState.Begun) ? $"{slot.Name} interleaves a call that has not begun"
        : slot.Quick.Any(c => c.State != CallState.Assigned || c.Slot != slot) ? $"{slot.Name} has a quick call that is not its own"
        : null;
}
