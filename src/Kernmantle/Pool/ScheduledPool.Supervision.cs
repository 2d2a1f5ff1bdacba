using Kernmantle.Calls;
using Kernmantle.Logging.Events;

namespace Kernmantle.Pool;

/// <summary>The life of the workers: start, replacement, back-off, and giving up.</summary>
internal abstract partial class ScheduledPool
{
    private static readonly TimeSpan FirstBackoff = TimeSpan.FromMilliseconds(100), LongestBackoff = TimeSpan.FromSeconds(5);

    private readonly Queue<long> deaths = new();
    private readonly HashSet<Task> endings = [];
    private readonly CancellationTokenSource lifetime = new();
    private readonly TaskCompletionSource started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool starting;
    private Exception? broken;
    private long replaced;

    /// <summary>Calls whose function may still run on a thread that was let go of.</summary>
    private readonly HashSet<Call> abandoned = [];

    /// <summary>How many deaths that no call explains, in what window, break the pool.</summary>
    private protected virtual (int Limit, TimeSpan Window) RestartIntensity => (5, TimeSpan.FromSeconds(30));

    public sealed override async Task StartAsync(CancellationToken cancellationToken = default)
    {
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(phase != Phase.Running, this);
            EnsureStarted();
        }
        await started.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
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
            else
                StartWorker(slot, TimeSpan.Zero);
        }
        if (Grows)
            started.TrySetResult();
        WatchAge();
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
            await worker.StartAsync(lifetime.Token).ConfigureAwait(false);
            lock (gate)
            {
                if (worker.Death is { } death)
                    throw death(null);   // between its readiness and here
                if (slot.Worker == worker)
                {
                    slot.Ready = true;
                    slot.StartFailures = 0;
                    slot.Wear = new(Clock.GetTimestamp(), 0, 0);
                    RecordReady(slot, spare: false);
                    if (!slot.IsSpare)
                        after = Next(slot);
                    if (slots.TrueForAll(static s => s.Ready) && started.TrySetResult())
                        StartSpares();
                }
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
        after?.Invoke();
    }

    private Action? OnStartFailed(Slot slot, Exception cause)
    {
        if (phase == Phase.Disposed)
            return null;
        int? processId = slot.Worker?.ProcessId;
        slot.Worker = null;
        PoolEvents.WorkerDidNotStart(Log, slot.Name, cause.Message, processId, ReasonOf(cause), (cause as WorkerException)?.ProcessEnd?.ExitCode, (cause as WorkerException)?.ProcessEnd?.Signal);
        if (cause is PlatformNotSupportedException or FunctionUnavailableException || CountDeath())
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
                return;   // let go of before, or its start will report it
            Call? call = slot.Current ?? TakeBegun(slot, worker);
            slot.Current = null;
            slot.Ready = false;
            WorkerException cause = failure(call is { State: CallState.Begun } ? call : null);
            cause.WorkerName ??= slot.Name;
            Call? ran = call is { State: CallState.Begun } ? call : slot.Interleaved.FirstOrDefault();
            RecordDeath(slot, worker, ran, ran is null || ran == call ? cause : failure(ran));
            if (call is { State: CallState.Begun })
            {
                after = End(call, Outcome.Failed(cause));
            }
            else if (call is not null && slot.Interleaved.Count > 0)
            {
                after = Move(call, cause);
            }
            else if (slot.Interleaved.Count == 0)
            {
                if ((call ?? slot.Quick.First) is { } next && PoisonBefore(next, cause) is { } poison)
                {
                    if (next.Line == slot.Quick)
                        slot.Quick.Remove(next);
                    after = End(next, Outcome.Failed(poison));
                }
                else if (call is not null)
                {
                    after = Move(call, cause);
                }
                if (CountDeath())
                    after += Break(cause);
            }
            foreach (Call interleaved in slot.Interleaved.ToArray())
            {
                slot.Drop(interleaved);
                after += End(interleaved, Outcome.Failed(failure(interleaved)));
            }
            while (TakeBegun(slot, worker) is { } begun)
                after += End(begun, Outcome.Failed(failure(begun)));
            after += TakeBack(slot, static _ => true);
            after += Replace(slot, cause);
        }
        after?.Invoke();
    }

    /// <summary>A call that was handed over but had not begun runs elsewhere, and its caller need not know.</summary>
    private Action? Move(Call call, Exception? cause)
    {
        if (call.CancelRequested)
            return End(call, Outcome.Cancelled);
        if (call.Generation != 0)
            return End(call, Outcome.Failed(StateLost(call, cause)));
        return Requeue(call);
    }

    /// <summary>Lets go of the slot's worker, and puts a spare or a new one in its place. One that is <paramref name="well"/> ends in order.</summary>
    private Action? Replace(Slot slot, Exception? cause, bool well = false)
    {
        Action? after = null;
        PoolWorker old = slot.Worker!;
        slot.Worker = null;
        slot.Ready = false;
        slot.Instances = 0;
        slot.Generation++;
        Track(EndWorkerAsync(old, well));
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
            after += End(call, Outcome.Failed(StateLost(call, cause)));
        }
        return slot.Ready ? after + Next(slot) : after;
    }

    private static async Task EndWorkerAsync(PoolWorker worker, bool well)
    {
        await Task.Yield();
        if (well)
            await worker.StopAsync(StopGrace).ConfigureAwait(false);
        worker.Kill();
        await worker.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Counts a death that no call explains; true if there were too many.</summary>
    private bool CountDeath()
    {
        long now = Clock.GetTimestamp();
        (int limit, TimeSpan window) = RestartIntensity;
        deaths.Enqueue(now);
        while (Clock.GetElapsedTime(deaths.Peek(), now) > window)
            deaths.Dequeue();
        return deaths.Count > limit;
    }

    private Action? Break(Exception cause)
    {
        broken = cause;
        PoolEvents.PoolBroken(Log, cause, Options.Name);
        started.TrySetException(Broken());
        _ = started.Task.Exception;   // observed: it is thrown to whoever starts or calls
        Action? after = null;
        foreach (Call call in slots.SelectMany(s => s.Queue).Concat(queue).Concat(retrying).ToArray())
        {
            Dequeue(call);
            after += End(call, Outcome.Failed(Broken()));
        }
        return after;
    }

    private PoolBrokenException Broken() => new(
        $"Pool {Options.Name} has given up: {deaths.Count} of its workers died at start or while idle. The last cause: {broken!.Message}",
        deaths.Count,
        broken);

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
