using Kernmantle.Logging.Events;
using Kernmantle.Scheduling.Calls;

namespace Kernmantle.Scheduling;

/// <summary>
/// A number of workers that follows the calls. A slot whose worker is not needed is parked: it has none.
/// </summary>
/// <remarks>
/// <para>
/// More: a start costs a certain time, so it pays when calls have waited for about that long. An elastic pool takes some <see cref="Looks"/> at how many wait, over as long as a
/// start takes, and starts as many workers as calls waited at most of them. A burst that is over sooner starts none; a few callers who each wait for a short time, again and again, do.
/// </para>
/// <para>
/// Fewer: workers that have had nothing to do for <see cref="WorkerPoolOptions.IdleTimeout"/> end, those first that have had none for longest. One timer, set while there
/// are more than need be, to when the first of them may end.
/// </para>
/// </remarks>
internal sealed class Elasticity(Scheduler scheduler, int leastWorkers) : IDisposable
{
    private const int Looks = 8;

    /// <summary>The looks are as far apart as a timer can tell, and growing never takes long.</summary>
    private static readonly TimeSpan ShortestWindow = TimeSpan.FromMilliseconds(Looks), LongestWindow = TimeSpan.FromSeconds(1);

    private readonly bool isElastic = leastWorkers < scheduler.Slots.Count;

    private readonly int[] looks = new int[Looks];
    private int looked;

    /// <summary>How long the last start took; a guess before the first.</summary>
    private TimeSpan startTakes = TimeSpan.FromMilliseconds(50);

    private ITimer? demand;
    private bool watchesDemand;
    private ITimer? idleness;
    private bool watchesIdleness;

    /// <summary>How many workers there always are.</summary>
    public int LeastWorkers => leastWorkers;

    /// <summary>Slots without a worker, since none is needed.</summary>
    public int Parked { get; private set; } = Math.Max(0, scheduler.Slots.Count - leastWorkers);

    private SlotTable Slots => scheduler.Slots;

    private TimeProvider Clock => scheduler.Clock;

    /// <exception cref="ArgumentOutOfRangeException">There are fewer workers than that.</exception>
    public static int LeastOf(int? least, int workers, string name) =>
        (least ?? workers) <= workers ? least ?? workers
            : throw new ArgumentOutOfRangeException(name, least, $"That is more than the {workers} workers that the pool may have: make it for more, or have it keep fewer.");

    public void Dispose()
    {
        demand?.Dispose();
        idleness?.Dispose();
    }

    // --- More ---

    /// <summary>A worker was started, and took that long.</summary>
    public void OnStarted(TimeSpan took) => startTakes = took;

    /// <summary>The call was queued.</summary>
    public void OnQueued(Call call)
    {
        if (Parked == 0 || scheduler.Shutdown.IsOver)
            return;
        if (call.PinnedTo is { } home)
        {
            if (home.IsParked)
                Unpark(home);   // no other worker will ever run it
        }
        else if (Parked == Slots.Count)
            Unpark(Slots[0]);
        else
            OnWaiting();
    }

    /// <summary>A call waits that a worker more could run.</summary>
    public void OnWaiting()
    {
        if (Parked == 0 || watchesDemand)
            return;
        watchesDemand = true;
        looked = 0;
        LookLater();
    }

    /// <summary>Gives a parked slot a worker: a spare, or a new one.</summary>
    private void Unpark(Slot slot)
    {
        slot.IsParked = false;
        Parked--;
        slot.IsUsed = true;
        WatchIdleness(Clock.GetTimestamp());
        if (scheduler.Spares.TryTake(slot, urgent: false))
        {
            scheduler.Dispatcher.Next(slot);
            return;
        }
        slot.IsGrowing = true;
        scheduler.Supervisor.Start(slot, TimeSpan.Zero);
    }

    private void LookLater()
    {
        demand ??= Clock.CreateTimer(_ => scheduler.CallBack(LookAtDemand), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        TimeSpan window = startTakes < ShortestWindow ? ShortestWindow : startTakes > LongestWindow ? LongestWindow : startTakes;
        demand.Change(window / Looks, Timeout.InfiniteTimeSpan);
    }

    private void LookAtDemand()
    {
        using var transition = new Transition(scheduler);
        watchesDemand = !scheduler.Shutdown.IsOver && !scheduler.Breaker.IsOpen && Parked > 0;
        if (!watchesDemand)
            return;
        int calls = WaitingCalls(), starting = Slots.Count(static s => s is { Ready: false, IsParked: false });
        if (calls == 0 && looked == 0)
        {
            watchesDemand = false;   // the next one that has to wait begins anew
            return;
        }
        if (starting < Slots.Count - Parked)   // before the first worker is ready nobody knows how long calls would wait for it
            looks[looked++] = Math.Max(0, calls - starting);
        if (looked == Looks)
        {
            Array.Sort(looks);
            for (int more = Math.Min(looks[(Looks - 1) / 2], Parked); more > 0; more--)
                Unpark(Slots.Find(static s => s.IsParked)!);
            looked = 0;
        }
        LookLater();
    }

    /// <summary>How many calls wait that any worker may run, those included that stand behind another one in a worker.</summary>
    private int WaitingCalls()
    {
        int calls = scheduler.Dispatcher.Queue.Count + scheduler.Admission.WaitersThatRunAnywhere;
        foreach (Slot slot in Slots)
        {
            if (slot.Quick.Count > 1)
                calls += Math.Max(0, slot.Quick.Count(static c => c.PinnedTo is null) - 1);
        }
        return calls;
    }

    // --- Fewer ---

    /// <summary>The slot has nothing to do.</summary>
    public void OnIdle(Slot slot)
    {
        if (!isElastic)
            return;
        if (slot.IsUsed && slot.Interleaved.Count == 0)
            (slot.IsUsed, slot.IdleSince) = (false, Clock.GetTimestamp());
        WatchIdleness(slot.IdleSince);
    }

    /// <summary>An object less lives there.</summary>
    public void CountOut(Slot home)
    {
        home.Instances--;
        if (isElastic)
            WatchIdleness(home.IdleSince);
    }

    /// <summary>There may be a worker too many, when the timeout has passed since then.</summary>
    private void WatchIdleness(long since)
    {
        if (!watchesIdleness && Slots.Count - Parked > leastWorkers && !scheduler.Shutdown.HasBegun && scheduler.Options.IdleTimeout != Timeout.InfiniteTimeSpan)
            ParkIn(scheduler.Options.IdleTimeout - Clock.GetElapsedTime(since));
    }

    private void ParkIn(TimeSpan time)
    {
        watchesIdleness = true;
        idleness ??= Clock.CreateTimer(_ => scheduler.CallBack(ParkIdle), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        idleness.Change(TimeSpan.FromMilliseconds(Math.Ceiling(Math.Max(0, time.TotalMilliseconds))), Timeout.InfiniteTimeSpan);   // a timer's unit
    }

    private void ParkIdle()
    {
        using var transition = new Transition(scheduler);
        watchesIdleness = false;
        if (!scheduler.TakesCalls)
            return;   // one that has healed comes here again
        long now = Clock.GetTimestamp();
        foreach (Slot slot in Slots.Where(MayRest).OrderBy(static s => s.IdleSince))
        {
            TimeSpan left = scheduler.Options.IdleTimeout - Clock.GetElapsedTime(slot.IdleSince, now);
            if (Slots.Count - Parked == leastWorkers)
                break;
            if (left > TimeSpan.Zero)
            {
                ParkIn(left);
                break;
            }
            Park(slot);
        }
    }

    private static bool MayRest(Slot slot) => slot is { IsIdle: true, Instances: 0, Interleaved.Count: 0, Queue.Count: 0, IsUsed: false };

    private void Park(Slot slot)
    {
        PoolEvents.WorkerIdle(scheduler.Log, slot.Name, Clock.GetElapsedTime(slot.IdleSince).TotalSeconds, slot.Worker!.ProcessId);
        scheduler.Supervisor.LetGo(slot, null, well: true);
        slot.IsParked = true;
        Parked++;
    }
}
