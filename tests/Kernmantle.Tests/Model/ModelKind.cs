using Kernmantle.Scheduling;
using Kernmantle.Scheduling.Calls;

namespace Kernmantle.Tests.Model;

/// <summary>Workers that do what a history says, and what is to hold for each step of it.</summary>
internal sealed class ModelKind : WorkerKind
{
    private readonly List<ModelWorker> workers = [];
    private readonly List<(Call Call, Fate Fate)> keyed = [];

    public required TimeProvider Clock { get; init; }

    public required bool TakesQuickCalls { get; init; }

    public required bool GivesEvidence { get; init; }

    public required int Interleaves { get; init; }

    public required RecyclingOptions? Recycles { get; init; }

    public required int HasSpares { get; init; }

    public bool AllowsRecall { get; set; } = true;

    /// <summary>As many starts from now on fail.</summary>
    public int FailingStarts { get; set; }

    /// <summary>Calls whose worker was told to cancel their token.</summary>
    public HashSet<Call> Cancelled { get; } = [];

    /// <summary>Those that have not gone, in the order of their making.</summary>
    public IReadOnlyList<ModelWorker> Workers
    {
        get
        {
            workers.RemoveAll(static w => w.IsGone);
            return workers;
        }
    }

    /// <summary>What did not hold.</summary>
    public List<string> Broken { get; } = [];

    public override int MaxInterleaved => Interleaves;

    public override RecyclingOptions? Recycling => Recycles;

    public override int Spares => HasSpares;

    public override bool HasQuickWay => TakesQuickCalls;

    public override TimeSpan TransferTimeout => TimeSpan.FromSeconds(10);

    public override (int Limit, TimeSpan Window) RestartIntensity => (3, TimeSpan.FromSeconds(5));

    public override string Place => "model";

    public override PoolWorker Create(IWorkerOwner owner, string name, int id)
    {
        var worker = new ModelWorker(owner, this, name);
        workers.Add(worker);
        return worker;
    }

    /// <remarks>Workers are ended on the thread pool.</remarks>
    public void Require(bool holds, string otherwise)
    {
        if (holds)
            return;
        lock (Broken)
            Broken.Add(otherwise);
    }

    /// <summary>A call, or an item, begins: at most once an attempt, not after its end, and after those before it with the same key.</summary>
    public void OnBegun(ModelWorker worker, Call call, Fate fate)
    {
        fate.Begin(worker, Clock.GetUtcNow());
        Require(fate.Ends == 0, $"call {fate.Number} begins after its end");
        Require(fate.Begins <= fate.Attempts, $"call {fate.Number} begins {fate.Begins} times in {fate.Attempts} attempts");
        if (fate.Key == 0 || call.Attempt > 1)
            return;
        foreach ((Call earlier, Fate its) in keyed)
            Require(its.Number >= fate.Number || its.Key != fate.Key || its.Begins > 0 || its.Ends > 0 || earlier.Attempt > 1, $"call {fate.Number} of key {fate.Key} begins before call {its.Number}");
    }

    /// <summary>A call with a key is submitted.</summary>
    public void Submitted(Call call, Fate fate)
    {
        if (fate.Key != 0)
            keyed.Add((call, fate));
    }
}
