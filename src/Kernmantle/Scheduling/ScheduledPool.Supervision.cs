using Kernmantle.Logging.Events;
using Kernmantle.Scheduling.Calls;

namespace Kernmantle.Scheduling;

/// <summary>The life of the workers: start, replacement, back-off.</summary>
internal abstract partial class ScheduledPool
{
    private static readonly TimeSpan FirstBackoff = TimeSpan.FromMilliseconds(100), LongestBackoff = TimeSpan.FromSeconds(5);

    private readonly HashSet<Task> endings = [];
    private readonly CancellationTokenSource lifetime = new();

    /// <summary>Completes when all workers that there always are, are ready; another one once the pool has broken.</summary>
    private TaskCompletionSource started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool starting;
    private bool hasStarted;
    private long replaced;

    /// <summary>Calls whose function may still run on a thread that was let go of.</summary>
    private readonly HashSet<Call> abandoned = [];

    public sealed override async Task StartAsync(CancellationToken cancellationToken = default)
    {
        Task ready;
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(phase != Phase.Running, this);
            if (broken is not null)
                throw Broken();
            EnsureStarted();
            ready = started.Task;
        }
        await ready.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    private protected sealed override void BeginStart()
    {
        if (Volatile.Read(ref starting))
            return;
        lock (gate)
        {
            if (phase == Phase.Running)
                EnsureStarted();
        }
    }

    private void EnsureStarted()
    {
        if (starting)
            return;
        starting = true;
        foreach (Slot slot in slots)
        {
            if (Grows)
                Prepare(slot);
            else if (!slot.IsParked)
                StartWorker(slot, TimeSpan.Zero);
        }
        SignalIfAllReady();
        WatchAge();
    }

    private void SignalIfAllReady()
    {
        if (slots.Exists(static s => s.IsMissing) || !started.TrySetResult())
            return;
        if (!hasStarted)
            StartSpares();
        hasStarted = true;
    }

    /// <summary>Gives the slot a worker that needs no start.</summary>
    private void Prepare(Slot slot)
    {
        slot.Worker = CreateWorker(slot, slot.Name, WorkerIds.Next());
        slot.Ready = true;
    }

    private void StartWorker(Slot slot, TimeSpan delay)
    {
        PoolWorker worker = CreateWorker(slot, slot.Name, WorkerIds.Next());
        slot.Worker = worker;
        slot.Ready = false;
        Track(StartWorkerAsync(slot, worker, delay));
    }

    private async Task StartWorkerAsync(Slot slot, PoolWorker worker, TimeSpan delay)
    {
        await Task.Yield();   // the caller holds the lock
        Action? after = null;
        try
        {
            await Task.Delay(delay, Clock, lifetime.Token).ConfigureAwait(false);
            if (IsGivenUp(slot, worker))
                return;
            long began = Clock.GetTimestamp();
            await worker.StartAsync(lifetime.Token).ConfigureAwait(false);
            long now = Clock.GetTimestamp();
            lock (gate)
            {
                if (worker.Death is { } death)
                    throw death(null);   // between its readiness and here
                if (slot.Worker == worker)
                    after = OnReady(slot, (now, Clock.GetElapsedTime(began, now)));
            }
        }
        catch (Exception e)
        {
            await worker.DisposeAsync().ConfigureAwait(false);
            if (lifetime.IsCancellationRequested)
                return;
            lock (gate)
            {
                if (slot.Worker == worker)
                    after = OnStartFailed(slot, e);
            }
        }
        Carry(after);
    }

    private Action? OnReady(Slot slot, (long At, TimeSpan Took) readiness)
    {
        slot.Ready = true;
        slot.IsGrowing = false;
        slot.StartFailures = 0;
        slot.Readiness = readiness;
        startTakes = readiness.Took;
        slot.Wear = new(readiness.At, 0, 0);
        RecordReady(slot, spare: false);
        Action? after = null;
        if (!slot.IsSpare)
            after = trying ? Heal() : Next(slot);
        SignalIfAllReady();
        return after;
    }

    private Action? OnStartFailed(Slot slot, Exception cause)
    {
        if (phase == Phase.Disposed)
            return null;
        int? processId = slot.Worker?.ProcessId;
        slot.Worker = null;
        slot.IsGrowing = false;
        PoolEvents.WorkerDidNotStart(Log, slot.Name, cause.Message, processId, ReasonOf(cause), (cause as WorkerException)?.ProcessEnd?.ExitCode, (cause as WorkerException)?.ProcessEnd?.Signal);
        if (broken is not null)
            return trying && slots.TrueForAll(static s => s.Worker is null) ? Break(cause) : null;
        if (cause is PlatformNotSupportedException or FunctionUnavailableException)
            return Break(cause, forGood: true);
        if (CountDeath())
            return Break(cause);
        double factor = Math.Pow(2, Math.Min(slot.StartFailures++, 16));
        StartWorker(slot, TimeSpan.FromTicks((long)Math.Min(FirstBackoff.Ticks * factor, LongestBackoff.Ticks)));
        return null;
    }

    public void OnLost(PoolWorker worker, Func<Call?, WorkerException> failure)
    {
        Action? after = null;
        lock (gate)
        {
            Slot? slot = slots.Find(s => s.Worker == worker) ?? spares.Find(s => s.Worker == worker);
            if (slot is null || !slot.Ready)
                return;   // abandoned before, or reported by its start
            Call? call = slot.Current ?? TakeBegun(slot, worker, ref after);
            slot.Current = null;
            slot.Ready = false;
            WorkerException cause = failure(call is { State: CallState.Begun } ? call : null);
            cause.WorkerName ??= slot.Name;
            Call? ran = call is { State: CallState.Begun } ? call : slot.Interleaved.FirstOrDefault();
            RecordDeath(slot, worker, ran, ran is null || ran == call ? cause : failure(ran));
            bool breaks = false;
            if (call is { State: CallState.Begun })
            {
                after += End(call, Outcome.Failed(cause));
            }
            else if (call is not null && slot.Interleaved.Count > 0)
            {
                after += Move(call, cause);
            }
            else if (slot.Interleaved.Count == 0)
            {
                if ((call ?? slot.Quick.First) is { } next && PoisonBefore(next, cause) is { } poison)
                {
                    if (next.Line == slot.Quick)
                        slot.Quick.Remove(next);
                    after += End(next, Outcome.Failed(poison));
                }
                else if (call is not null)
                {
                    after += Move(call, cause);
                }
                breaks = broken is null && !EndedFromOutside(slot, cause) && CountDeath();
            }
            foreach (Call interleaved in slot.Interleaved.ToArray())
            {
                slot.Drop(interleaved);
                after += End(interleaved, Outcome.Failed(failure(interleaved)));
            }
            while (TakeBegun(slot, worker, ref after) is { } begun)
                after += End(begun, Outcome.Failed(failure(begun)));
            after += TakeBack(slot, [.. slot.Quick.Cast<QuickCall>()]);
            if (breaks)
                after += Break(cause);   // after what the worker had is back in the queue
            after += Replace(slot, cause);
            AssertInvariants();
        }
        Carry(after);
    }

    /// <summary>A call that was handed over but had not begun runs elsewhere, and its caller need not know.</summary>
    private Action? Move(Call call, Exception? cause)
    {
        if (call.CancelRequested)
            return End(call, Outcome.Cancelled);
        if (call.Generation != 0)
            return End(call, Outcome.Failed(StateLost(call, cause)));
        if (broken is not null)
            return End(call, Outcome.Failed(Broken()));
        return Requeue(call);
    }

    /// <summary>Lets go of the slot's worker, and puts a spare or a new one in its place. One that is <paramref name="well"/> ends in order.</summary>
    private Action? Replace(Slot slot, Exception? cause, bool well = false)
    {
        Action? after = null;
        LetGo(slot, cause, well);
        if (phase == Phase.Disposed || broken is not null)
            return after;
        slot.VacantSince = Clock.GetTimestamp();
        _ = well ? recycled++ : replaced++;
        if (Grows)
        {
            Prepare(slot);
            RecordReady(slot, spare: false);
        }
        else if (!TryTakeSpare(slot))
            StartWorker(slot, TimeSpan.Zero);
        foreach (Call call in slot.Queue.Where(c => c.Generation != 0 && c.Generation != slot.Generation).ToArray())
        {
            Dequeue(call);
            after += End(call, Outcome.Failed(StateLost(call)));
        }
        return slot.Ready ? after + Next(slot) : after;
    }

    private void LetGo(Slot slot, Exception? cause, bool well)
    {
        PoolWorker old = slot.Worker!;
        slot.Worker = null;
        slot.Ready = false;
        slot.Instances = 0;
        slot.Lose(cause);
        Track(EndWorkerAsync(old, well));
    }

    private static async Task EndWorkerAsync(PoolWorker worker, bool well)
    {
        await Task.Yield();
        if (well)
            await worker.StopAsync(StopGrace).ConfigureAwait(false);
        worker.Kill();
        await worker.DisposeAsync().ConfigureAwait(false);
    }

    private void Track(Task ending)
    {
        endings.Add(ending);
        _ = ending.ContinueWith(
            t =>
            {
                lock (gate)
                    endings.Remove(t);
                if (t.Exception is { } e)
                    PoolEvents.DisorderlyEnd(Log, e, Options.Name);
            },
            CancellationToken.None,
            TaskContinuationOptions.None,
            TaskScheduler.Default);
    }
}
