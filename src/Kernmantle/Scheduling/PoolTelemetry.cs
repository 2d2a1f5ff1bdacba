using System.Diagnostics;
using Kernmantle.Scheduling.Calls;
using Kernmantle.Scheduling.Maps;
using Kernmantle.Telemetry;

namespace Kernmantle.Scheduling;

/// <summary>
/// The metrics and traces of one pool. While nobody listens a call costs the test <see cref="IsOn"/>, and no more. The user's code, which listeners, samplers and exporters are, runs on the thread of
/// who makes a call (the start of its span), on that of who collects, and on the thread pool: never under the lock, and never on a thread that calls wait for.
/// </summary>
internal sealed class PoolTelemetry : IPoolGauges
{
    private readonly Scheduler scheduler;
    private readonly Instruments instruments;
    private readonly CallMeasures measures;

    public PoolTelemetry(Scheduler scheduler)
    {
        this.scheduler = scheduler;
        instruments = Instruments.Of(scheduler.Options.MeterFactory);
        Series = instruments.Of(scheduler.Options.Name, scheduler.Kind.Place);
        Failures = new(scheduler.Log);
        measures = new(scheduler, Series, Failures);
    }

    /// <summary>The pool is complete: whoever collects may ask.</summary>
    public void Open() => Series.Add(this);

    /// <summary>Where what few calls meet is counted, whoever listens.</summary>
    public PoolSeries Series { get; }

    public ListenerFailures Failures { get; }

    /// <summary>Somebody wants to know of calls.</summary>
    public bool IsOn => KernmantleTelemetry.Source.HasListeners() || instruments.AreCallsWanted;

    /// <summary>A call is about to wait for room, or to be submitted: this is when it was made, and by whom. On its caller's thread.</summary>
    public static CallWatch Made()
    {
        long now = Stopwatch.GetTimestamp();
        return new() { MadeAt = now, QueuedAt = now, Parent = KernmantleTelemetry.Source.HasListeners() ? Activity.Current : null };
    }

    /// <summary>A call is about to be submitted. Outside of the lock.</summary>
    public void Begin(Call call)
    {
        if (call.ReleasesInstance || call.Watch is { HasBegun: true })
            return;
        CallWatch watch = call.Watch ??= new();
        watch.HasBegun = true;
        if (!watch.IsOn)
            (watch.MadeAt, watch.Parent) = (Stopwatch.GetTimestamp(), Activity.Current);
        if (KernmantleTelemetry.Source.HasListeners())
            watch.Span = CallSpan.Start(call.Name, Series, watch.Parent, Failures);
        watch.Parent = null;
    }

    /// <summary>Under the lock: a call that <see cref="Begin"/> was told of has ended.</summary>
    public void End(Call call, Exception? failure = null, bool isCancelled = false)
    {
        CallWatch watch = call.Watch!;
        bool isOne = call is not BatchCall && call.Count == 1;
        watch.EndWait();
        measures.Add(new(call.Name, Stopwatch.GetTimestamp() - watch.MadeAt, watch.Waited, call.Payload.Length, failure, isCancelled, isOne));
        if (watch.Span is { } span)
            CallSpan.End(span, new(failure, isCancelled, call.Slot?.Name, call.Attempt, isOne ? 0 : call.Count), Failures);
        watch.Clear();
    }

    /// <summary>Under the lock: one that waited for room, and is watched, ended without having become a call.</summary>
    public void End(Waiter waiter, Outcome outcome)
    {
        long now = Stopwatch.GetTimestamp();
        measures.Add(new(waiter.Name, now - waiter.Watch!.MadeAt, now - waiter.Watch.QueuedAt, 0, outcome.Failure, outcome.IsCancelled, IsOne: true));
    }

    /// <summary>The pool is over: what waits is recorded, if that is to be had within the bound. Does not throw.</summary>
    public async Task EndAsync(TimeSpan bound)
    {
        await Task.WhenAll(Task.Run(measures.Record), Recorder.FlushAsync(bound)).WaitAsync(bound, TimeProvider.System).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        measures.Dispose();
        Series.Remove(this);
    }

    // --- For who collects ---

    void IPoolGauges.Record() => measures.Record();

    PoolGauges IPoolGauges.Read()
    {
        lock (scheduler.Gate)
        {
            PoolStatistics all = scheduler.Statistics;
            int busy = scheduler.Slots.Count(static slot => slot is { Ready: true, Running: > 0 }), starting = scheduler.Slots.Count(static slot => slot is { Ready: false, Worker: not null });
            return new(all.Queued, all.Workers - busy, busy, starting, all.Spares, all.Completed, all.Failed, all.Cancelled);
        }
    }

    IReadOnlyList<WorkerGauges> IPoolGauges.ReadWorkers()
    {
        (string Name, PoolWorker Worker)[] workers;
        lock (scheduler.Gate)
            workers = [.. scheduler.Slots.Concat(scheduler.Spares).Where(static s => s is { Ready: true, Worker: not null }).Select(static s => (s.Name, s.Worker!))];
        return [.. workers.Select(static w => new WorkerGauges(w.Name, w.Worker.ProcessId is not null, w.Worker.ProcessorTime, w.Worker.ResidentBytes, w.Worker.SharedBytes))];
    }
}
