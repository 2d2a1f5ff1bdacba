using Kernmantle.Scheduling.Calls;
using Kernmantle.Scheduling.Maps;
using Kernmantle.SharedBuffers;

namespace Kernmantle.Scheduling;

/// <summary>What differs between the kinds of worker: how one is made, and what the scheduler has to know of them all.</summary>
internal abstract class WorkerKind
{
    /// <summary>Where calls run, in a word: a label of what is measured.</summary>
    public abstract string Place { get; }

    /// <summary>Makes a worker, which does not run yet. Called under the scheduler's lock.</summary>
    public abstract PoolWorker Create(IWorkerOwner owner, string name, int id);

    /// <summary>Called once, before the first worker is made.</summary>
    public virtual void Attach(Scheduler scheduler)
    {
    }

    /// <summary>Runs a call that had to wait for its slot. Not on the caller's stack where workers run calls on it.</summary>
    public virtual void DispatchLater(PoolWorker worker, Call call) => worker.Dispatch(call);

    /// <summary>No worker is left.</summary>
    public virtual void OnEnded()
    {
    }

    /// <summary>The caller itself is the worker: a call that finds no idle slot gets a new one.</summary>
    public virtual bool CallerIsWorker => false;

    /// <summary>How many slots are there from the beginning, among which keys and objects are spread.</summary>
    public virtual int Slots(int workers) => workers;

    /// <summary>How many calls one worker may have that wait for something.</summary>
    public virtual int MaxInterleaved => 1;

    /// <summary>When workers that are well are replaced nevertheless; null for never.</summary>
    public virtual RecyclingOptions? Recycling => null;

    /// <summary>How many workers are ready beforehand.</summary>
    public virtual int Spares => 0;

    /// <summary>How many deaths that no call explains, in what window, break the pool.</summary>
    public virtual (int Limit, TimeSpan Window) RestartIntensity => (5, TimeSpan.FromSeconds(30));

    /// <summary>How long decoding a call, and encoding its result, may take; infinite where neither is done.</summary>
    public virtual TimeSpan TransferTimeout => Timeout.InfiniteTimeSpan;

    /// <summary>The largest payload, in bytes; 0 where calls are not encoded, since nothing crosses.</summary>
    public virtual long EncodeLimit => 0;

    /// <summary>Calls that need nothing but arguments and a result may go the quick way.</summary>
    public virtual bool HasQuickWay => false;

    /// <summary>Where calls go the quick way: an answer that is expected sooner, in microseconds, is waited for by a caller's thread, also where it need not wait.</summary>
    public virtual double AwakeMicroseconds => 0;

    /// <summary>The largest payload of a quick call that goes through a ring, in bytes: larger ones are encoded right into memory of a worker.</summary>
    public virtual int LargestInRing => int.MaxValue;

    /// <summary>Where workers can be handed memory of this process: whose it is.</summary>
    public virtual IBufferOwner? Buffers => null;

    /// <summary>How many items of a map may be under way.</summary>
    public virtual int MapWindow(int workers) => workers * Mapping.PerWorker;

    /// <summary>The limits of calls, where they set none themselves.</summary>
    public virtual Limits? DefaultLimits => null;

    /// <summary>By what means calls are held to limits.</summary>
    public virtual EnforcedLimits EnforcedLimits => EnforcedLimits.OnlyWallTime;

    /// <summary>Where there is something to make ready before a function is called: makes it so, in all workers.</summary>
    public virtual Task WarmAsync(Delegate function) => Task.CompletedTask;
}
