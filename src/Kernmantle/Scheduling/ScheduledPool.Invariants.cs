using System.Diagnostics;
using Kernmantle.Scheduling.Calls;

namespace Kernmantle.Scheduling;

/// <summary>What holds whenever nobody has the lock.</summary>
internal abstract partial class ScheduledPool
{
    /// <summary>What does not hold; null if all does. For tests, and for <see cref="AssertInvariants"/>.</summary>
    internal string? FindViolation()
    {
        lock (gate)
            return Violation();
    }

    /// <summary>Under the lock, in debug builds.</summary>
    [Conditional("DEBUG")]
    private void AssertInvariants()
    {
        if (Violation() is { } violation)
            throw new UnreachableException($"Pool {Options.Name}: {violation}");
    }

    private string? Violation()
    {
        Call[] inQueues = [.. queue, .. slots.SelectMany(static s => s.Queue)];
        return inQueues.Sum(static c => c.Count) != queued ? $"{inQueues.Sum(static c => c.Count)} calls in the queues, {queued} counted"
            : Array.Find(inQueues, static c => c.State != CallState.Queued || c.Slot is not null || c.Waiter is not null) is { } odd ? $"{odd} is in a queue and {odd.State}"
            : unadmitted - waiting.Count is not (0 or 1) ? $"{waiting.Count} wait, {unadmitted} counted"
            : held < 0 ? $"{held} places are held"
            : live < inQueues.Length + waiting.Count + retrying.Count ? $"{live} alive, {inQueues.Length} queued, {waiting.Count} waiting, {retrying.Count} pausing"
            : waiting.Count > 0 && Options.QueueFull == QueueFullMode.Fail ? "calls wait that were to fail"
            : broken is not null && inQueues.Length + waiting.Count + retrying.Count > 0 ? "calls wait for a broken pool"
            : trying && broken is null ? "a pool that is not broken tries to heal"
            : slots.Count(static s => s.IsParked) != parked ? $"{slots.Count(static s => s.IsParked)} slots are parked, {parked} counted"
            : slots.Count - parked < leastWorkers ? $"{slots.Count - parked} workers, where there are always {leastWorkers}"
            : parked > 0 && parked == slots.Count && queued > 0 && phase == Phase.Running ? "calls wait, and no worker starts"
            : slots.Concat(spares).Select(ViolationOf).FirstOrDefault(static v => v is not null);
    }

    private static string? ViolationOf(Slot slot) =>
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
