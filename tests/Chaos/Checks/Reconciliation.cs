using Kernmantle.Chaos.Calls;
using Kernmantle.Chaos.Faults;
using Kernmantle.Chaos.Plans;
using Kernmantle.Chaos.Workers;

namespace Kernmantle.Chaos.Checks;

/// <summary>Compares what was reported with what truly began.</summary>
internal sealed class Reconciliation
{
    private readonly FaultLog faults;
    private readonly Tally tally;
    private readonly Action<Finding, CallRecord?, string, IReadOnlyList<BegunRecord>> found;

    public Reconciliation(FaultLog faults, Tally tally, Action<Finding, CallRecord?, string, IReadOnlyList<BegunRecord>> found) =>
        (this.faults, this.tally, this.found) = (faults, tally, found);

    public void Check(IReadOnlyList<CallRecord> calls, IReadOnlyList<PoolRun> pools)
    {
        var begun = new Dictionary<long, List<BegunRecord>>();
        Dictionary<long, CallRecord> known = calls.ToDictionary(static c => c.Id);
        foreach (PoolRun pool in pools)
            ReadPool(pool, begun, known);
        Truth truth = new(faults, calls.Where(static c => c.Ended != 0 && EndsWorkers(c)).ToLookup(static c => c.Pool, static c => c.Ended));
        foreach (CallRecord call in calls)
            Check(call, begun.TryGetValue(call.Id, out List<BegunRecord>? records) ? records : [], truth);
    }

    private static bool EndsWorkers(CallRecord call) =>
        call.Failure is OperationCanceledException or CallTimeoutException or MemoryLimitException or CpuLimitException or OutputLimitException or WorkerCrashedException;

    private void ReadPool(PoolRun pool, Dictionary<long, List<BegunRecord>> begun, Dictionary<long, CallRecord> known)
    {
        var lastOfKey = new Dictionary<CallPlan, long>(ReferenceEqualityComparer.Instance);
        foreach (BegunRecord record in BegunLog.Read(pool.BegunPath))
        {
            if (known.TryGetValue(record.Id, out CallRecord? call) && call.Plan.Kind == CallKind.Keyed)
            {
                if (lastOfKey.TryGetValue(call.Plan, out long last) && last > record.Id)
                    found(Finding.Untrue, call, $"it began after call {last}, which has its key and came later", [record]);
                lastOfKey[call.Plan] = record.Id;
            }
            if (call is null)
                found(Finding.Untrue, null, $"{pool.Name} began call {record.Id}, which nobody made", [record]);
            if (!begun.TryGetValue(record.Id, out List<BegunRecord>? records))
                begun.Add(record.Id, records = []);
            records.Add(record);
        }
    }

    private void Check(CallRecord call, List<BegunRecord> begun, Truth truth)
    {
        if (call.Submitted == 0)
        {
            if (begun.Count > 0)
                found(Finding.Duplicated, call, "it was never asked for, and began", begun);
            return;
        }
        tally.Count(call);
        if (call.Endings == 0 || call.Ended == 0)
            found(Finding.Lost, call, "it never ended", begun);
        if (call.Endings > 1)
            found(Finding.Duplicated, call, $"it ended {call.Endings} times", begun);
        int allowed = call.Plan.Retries ? call.Plan.Attempts : 1;
        if (begun.Count > allowed || begun.DistinctBy(static r => r.Attempt).Count() < begun.Count || begun.Exists(r => r.Attempt < 1 || r.Attempt > allowed))
            found(Finding.Duplicated, call, $"it began {begun.Count} times (attempts {string.Join(", ", begun.Select(static r => r.Attempt))}); allowed are {allowed}", begun);
        if (call.Succeeded && begun.Count == 0)
            found(Finding.Lost, call, "it has a result and never began", begun);
        if (call.WrongResult is { } wrong)
            found(Finding.Untrue, call, $"its result is wrong: {wrong}", begun);
        if (call.CameTooLate && begun.Count > 0)
            found(Finding.Untrue, call, "it came after the disposal of its pool, and began", begun);
        if (call.Plan.CancelAfter == TimeSpan.Zero && (begun.Count > 0 || call.Succeeded))
            found(Finding.Untrue, call, "it was cancelled before it was submitted, and began", begun);
        if (call.Failure is not null && truth.Untruth(call, begun) is { } untruth)
            found(Finding.Untrue, call, untruth, begun);
        if (call is { Succeeded: true, Plan.Limits.OutputBytes: { } limit } && WorkerFunctions.LengthOfWriting(call.Id, call.Plan.Size) > limit)
            found(Finding.Untrue, call, $"it wrote more than {limit} bytes, and was let", begun);
        if (call is { Succeeded: true, Plan.Kind: CallKind.Throw or CallKind.Exit or CallKind.Abort or CallKind.Hang or CallKind.HangPolitely or CallKind.UseProcessor })
            found(Finding.Untrue, call, "its function never returns", begun);
    }
}
