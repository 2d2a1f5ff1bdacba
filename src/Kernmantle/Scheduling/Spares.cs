using System.Collections;

namespace Kernmantle.Scheduling;

/// <summary>
/// Workers that are ready beforehand: one takes a lost worker's place at once, and is itself replaced. They start after all others, so that
/// they keep nobody waiting.
/// </summary>
internal sealed class Spares(Scheduler scheduler) : IEnumerable<Slot>
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(200);

    private readonly List<Slot> spares = [];

    public int Ready => spares.Count(static s => s.Ready);

    public Slot? Find(Predicate<Slot> which) => spares.Find(which);

    public IEnumerator<Slot> GetEnumerator() => spares.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public void Start()
    {
        for (int i = 0; i < scheduler.Kind.Spares && !scheduler.Shutdown.HasBegun; i++)
        {
            int index = scheduler.Slots.Count + i;
            var spare = new Slot(index) { Name = scheduler.Slots.NameOf(index), IsSpare = true };
            spares.Add(spare);
            scheduler.Supervisor.Start(spare, TimeSpan.Zero);
        }
    }

    /// <summary>The slot gets a spare's worker, with its name, and the spare's place a new one.</summary>
    /// <param name="slot">Which one.</param>
    /// <param name="urgent">Workers are replaced in the course of work: where no other spare is left, the next one must not wait.</param>
    public bool TryTake(Slot slot, bool urgent)
    {
        if (slot.IsSpare || spares.Find(static s => s.Ready) is not { } spare)
            return false;
        (slot.Name, spare.Name) = (spare.Name, slot.Name);
        slot.Worker = spare.Worker;
        slot.Readiness = spare.Readiness;
        slot.Wear = new(scheduler.Clock.GetTimestamp(), 0, 0);   // it has done nothing: waiting does not count as wear
        slot.Ready = true;
        slot.StartFailures = 0;
        scheduler.Records.Ready(slot, spare: true);
        Refill(spare, urgent);
        return true;
    }

    /// <summary>A spare's worker for another pool, and the spare's place a new one. Null: there is none that fits.</summary>
    /// <param name="fits">Called under the lock: makes no system call.</param>
    public PoolWorker? GiveAway(Predicate<PoolWorker> fits)
    {
        using var transition = new Transition(scheduler);
        if (!scheduler.TakesCalls || spares.Find(s => s.Ready && fits(s.Worker!)) is not { } spare)
            return null;
        PoolWorker given = spare.Worker!;
        Refill(spare, urgent: false);
        return given;
    }

    private void Refill(Slot spare, bool urgent)
    {
        TimeSpan took = spare.Readiness.Took;
        spare.Worker = null;
        // Whoever took it has the machine to himself for as long as a start takes here: one beside it would take a processor from it, which costs it more than
        // all the rest of the replacement.
        TimeSpan pause = urgent && !spares.Exists(s => s.Ready && s != spare) ? TimeSpan.Zero : took < LongestPause ? took : LongestPause;
        scheduler.Supervisor.Start(spare, pause);
    }
}
