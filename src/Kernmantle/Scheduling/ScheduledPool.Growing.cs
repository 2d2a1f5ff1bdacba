using Kernmantle.Scheduling.Calls;

namespace Kernmantle.Scheduling;

/// <summary>
/// A number of workers that follows the calls. A slot whose worker is not needed is parked: it has none. A start costs a certain time, so it pays when calls have waited for about that
/// long: an elastic pool takes some <see cref="Looks"/> at how many wait, over as long as a start takes, and starts as many workers as calls waited at most of them. A burst that is
/// over sooner starts none; a few callers who each wait for a short time, again and again, do.
/// </summary>
internal abstract partial class ScheduledPool
{
    private const int Looks = 8;

    /// <summary>The looks are as far apart as a timer can tell, and growing never takes long.</summary>
    private static readonly TimeSpan ShortestWindow = TimeSpan.FromMilliseconds(Looks), LongestWindow = TimeSpan.FromSeconds(1);

    /// <summary>How many there always are.</summary>
    private readonly int leastWorkers;

    private readonly int[] looks = new int[Looks];
    private int looked;
    private int parked;

    /// <summary>How long the last start took; a guess before the first.</summary>
    private TimeSpan startTakes = TimeSpan.FromMilliseconds(50);

    private ITimer? demand;
    private bool watchesDemand;

    private bool IsElastic => leastWorkers < pinnable;

    private static int LeastOf(int? least, int workers, string name) =>
        (least ?? workers) <= workers ? least ?? workers
            : throw new ArgumentOutOfRangeException(name, least, $"That is more than the {workers} workers that the pool may have: make it for more, or have it keep fewer.");

    /// <summary>The call was queued, and there are parked slots.</summary>
    private Action? GrowFor(Call call)
    {
        if (phase == Phase.Disposed)
            return null;
        if (call.PinnedTo is { } home)
            return home.IsParked ? Unpark(home) : null;   // no other worker will ever run it
        if (parked == slots.Count)
            return Unpark(slots[0]);
        WatchDemand();
        return null;
    }

    /// <summary>Gives a parked slot a worker: a spare, or a new one.</summary>
    private Action? Unpark(Slot slot)
    {
        slot.IsParked = false;
        parked--;
        slot.IsUsed = true;
        WatchIdleness(Clock.GetTimestamp());
        if (TryTakeSpare(slot))
            return Next(slot);
        slot.IsGrowing = true;
        StartWorker(slot, TimeSpan.Zero);
        return null;
    }

    /// <summary>A call waits that a worker more could run.</summary>
    private void WatchDemand()
    {
        if (watchesDemand)
            return;
        watchesDemand = true;
        looked = 0;
        LookLater();
    }

    private void LookLater()
    {
        demand ??= Clock.CreateTimer(_ => CallBack(LookAtDemand), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        TimeSpan window = startTakes < ShortestWindow ? ShortestWindow : startTakes > LongestWindow ? LongestWindow : startTakes;
        demand.Change(window / Looks, Timeout.InfiniteTimeSpan);
    }

    private void LookAtDemand()
    {
        Action? after = null;
        lock (gate)
        {
            watchesDemand = phase != Phase.Disposed && broken is null && parked > 0;
            if (!watchesDemand)
                return;
            int calls = WaitingCalls(), starting = slots.Count(static s => s is { Ready: false, IsParked: false });
            if (calls == 0 && looked == 0)
            {
                watchesDemand = false;   // the next one that has to wait begins anew
                return;
            }
            if (starting < slots.Count - parked)   // before the first worker is ready nobody knows how long calls would wait for it
                looks[looked++] = Math.Max(0, calls - starting);
            if (looked == Looks)
            {
                Array.Sort(looks);
                for (int more = Math.Min(looks[(Looks - 1) / 2], parked); more > 0; more--)
                    after += Unpark(slots.Find(static s => s.IsParked)!);
                looked = 0;
            }
            LookLater();
            AssertInvariants();
        }
        Carry(after);
    }

    /// <summary>How many calls wait that any worker may run, those included that stand behind another one in a worker.</summary>
    private int WaitingCalls()
    {
        int calls = queue.Count + (waiting.First is { RunsAnywhere: true } ? waiting.Count : 0);
        foreach (Slot slot in slots)
        {
            if (slot.Quick.Count > 1)
                calls += Math.Max(0, slot.Quick.Count(static c => c.PinnedTo is null) - 1);
        }
        return calls;
    }
}
