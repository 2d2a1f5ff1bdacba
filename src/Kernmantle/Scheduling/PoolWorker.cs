using Kernmantle.Failures;
using Kernmantle.Functions;
using Kernmantle.Scheduling.Calls;
using Kernmantle.Wire.Bytes;
using Microsoft.Extensions.Logging;

namespace Kernmantle.Scheduling;

/// <summary>
/// One incarnation of a worker: runs one call at a time and reports to its <see cref="IWorkerOwner"/>. Members are called by
/// the owner, never under the owner's lock where they run user code.
/// </summary>
internal abstract class PoolWorker : IAsyncDisposable
{
    /// <summary>Starts it; completes when it takes calls.</summary>
    public abstract Task StartAsync(CancellationToken cancellationToken);

    /// <summary>Makes a function ready before it is called. Completes when that is done, or the worker has ended (then also cancelled).</summary>
    public virtual Task WarmAsync(Function function) => Task.CompletedTask;

    /// <summary>Runs a call. Its begin and end are reported to the owner.</summary>
    public abstract void Dispatch(Call call);

    /// <summary>Cancels the tokens of the call, if it still runs here.</summary>
    public abstract void CancelCall(Call call);

    /// <summary>Ends the worker at once, or, where that cannot be (threads), lets go of it. What it reports later is ignored.</summary>
    public abstract void Kill();

    /// <summary>Whether <see cref="Kill"/> stops the code that runs.</summary>
    public abstract bool CanKill { get; }

    /// <summary>Whether one call can be left to itself without ending the worker: it only waits. Called under the owner's lock.</summary>
    public virtual bool CanLetGo(Call call) => false;

    /// <summary>Makes the failure that says why the worker died by itself; null while it has not. Set before it is reported.</summary>
    public virtual Func<Call?, WorkerException>? Death => null;

    /// <summary>The id of its process; null where it has none of its own, or has not started.</summary>
    public virtual int? ProcessId => null;

    /// <summary>
    /// What its calls run on, where others may wait for it: the number of its process (0: this one), and the thread. Null where that is not known.
    /// </summary>
    public virtual (int Worker, int Thread)? RunsOn => null;

    /// <summary>What its process has resident; 0 where that is not known, or is no process of its own. Costs some microseconds.</summary>
    public virtual long ResidentBytes => 0;

    /// <summary>The processor time of its process since its start; 0 where it has none of its own.</summary>
    public virtual TimeSpan ProcessorTime => TimeSpan.Zero;

    /// <summary>Memory through which it is reached, in bytes.</summary>
    public virtual long SharedBytes => 0;

    private int looking;
    private long lookedAt;

    /// <summary>What was resident at the last look; 0 before the first.</summary>
    public long SeenResidentBytes { get; private set; }

    /// <summary>Looks, unless it did less than <paramref name="pause"/> ago. Not under the owner's lock.</summary>
    public void LookAtMemory(TimeProvider clock, TimeSpan pause)
    {
        if (Interlocked.Exchange(ref looking, 1) != 0)
            return;
        long now = clock.GetTimestamp();
        if (SeenResidentBytes == 0 || clock.GetElapsedTime(lookedAt, now) >= pause)
            (lookedAt, SeenResidentBytes) = (now, ResidentBytes);
        Volatile.Write(ref looking, 0);
    }

    /// <summary>
    /// How the clock of the call that it has begun stands; <paramref name="begun"/> is when that was, as a timestamp of the owner's clock. Called
    /// under the owner's lock. Here: a worker that has nothing to decode calls the function when it begins the call.
    /// </summary>
    public virtual CallClock ClockOf(Call call, long begun) => new(begun, 0);

    /// <summary>It has said something that has not been handled yet: perhaps the end of its call. May make a system call.</summary>
    public virtual bool HasUnheard => false;

    // --- Evidence, before it is killed for a timeout ---

    /// <summary>There is something to take, and somebody to take it.</summary>
    public virtual bool GivesEvidence => false;

    /// <summary>It may be wanted soon. Returns at once.</summary>
    public virtual void PrepareEvidence()
    {
    }

    /// <summary>Takes it, within its budget; a kill meanwhile is put off until then. Does not throw.</summary>
    public virtual Task<WorkerEvidence> TakeEvidenceAsync() => Task.FromResult(new WorkerEvidence(null, null));

    /// <summary>What each of its threads does, because somebody asks; null where nobody can tell. A kill meanwhile is put off until then.</summary>
    public virtual Task<string?> TakeStacksAsync(TimeSpan budget) => Task.FromResult<string?>(null);

    // --- Quick calls: several may be handed over in advance, and are run in that order ---

    /// <summary>It has a quick way.</summary>
    public virtual bool TakesQuickCalls => false;

    /// <summary>How many quick calls were placed here so far: each has its number, from 1. Guarded by the owner's lock.</summary>
    public long Placed { get; set; }

    /// <summary>
    /// Hands the quick call of that place over, outside of the owner's lock; calls reach the worker in the order of their places, whichever threads
    /// come first. Nothing, if the place was taken back meanwhile.
    /// </summary>
    public virtual void Offer(QuickCall call, long place) => throw NoQuickWay();

    /// <summary>Memory that it reads, for the payload of a quick call; null if there is none, or enough of it is in use.</summary>
    public virtual PayloadRoom? TryRentRoom(int length) => null;

    /// <summary>On the caller's thread: looks for the answer. True once the call has ended; false when looking costs more than it gains.</summary>
    public virtual bool Look(QuickCall call) => throw NoQuickWay();

    /// <summary>After that: sleeps until the call has ended (true), or is another worker's.</summary>
    public virtual bool Sleep(QuickCall call) => throw NoQuickWay();

    /// <summary>Or: the caller goes away, and the answer is taken without it. True if the call has ended.</summary>
    public virtual bool Leave(QuickCall call) => throw NoQuickWay();

    /// <summary>The number of the last quick call, or item, that it has begun.</summary>
    public virtual long LastBegun => 0;

    /// <summary>Whether it runs the call, or has run it or part of it.</summary>
    public bool HasBegun(Call call) => call is QuickCall { First: > 0 } quick && quick.First <= LastBegun;

    /// <summary>What it does with the quick call of that number, which it has begun: the function, or what comes before or after it. What it has said since counts as the function.</summary>
    public virtual Overrun PartOf(long number) => Overrun.Function;

    /// <summary>
    /// How far the quick call of that number is, which it has begun, and when its function was called, as a timestamp of the owner's clock: <see cref="Overrun.None"/> if it
    /// has ended meanwhile. With a debugger in the worker, now.
    /// </summary>
    public virtual Overrun TimeOf(QuickCall call, long number, out long started) => throw NoQuickWay();

    /// <summary>Quick calls that it has answered are still to be heard of.</summary>
    public virtual bool HasUnheardQuick => false;

    /// <summary>Cancels the token of the quick call of that number, when it runs.</summary>
    public virtual void CancelQuick(QuickCall call, long number)
    {
    }

    /// <summary>
    /// Under the owner's lock: takes back the quick calls it was handed over and has not begun, those with a <see cref="QuickCall.Sequence"/> from
    /// <paramref name="first"/> to <paramref name="last"/>, and those that are placed and not handed over yet. False: it cannot just now.
    /// </summary>
    public virtual bool TryRecall(out long first, out long last)
    {
        (first, last) = (0, 0);
        return false;
    }

    /// <summary>A call that its caller attends here has gone elsewhere.</summary>
    public virtual void WakeCaller()
    {
    }

    /// <summary>It is handed no more quick calls: whoever does so just now has done by the return from here.</summary>
    public virtual void TakeNoMore()
    {
    }

    /// <summary>It is to begin no more quick calls, and takes no more.</summary>
    public virtual void Retire()
    {
    }

    /// <summary>What it answered is no result: ends it, and returns the call's failure.</summary>
    public virtual WorkerException EndForViolation(QuickCall call, string violation) => throw NoQuickWay();

    private static NotSupportedException NoQuickWay() => new("This worker has no quick way.");

    /// <summary>Ends an idle worker in order: disposes of its objects first. Kills it after <paramref name="grace"/>.</summary>
    public abstract Task StopAsync(TimeSpan grace);

    /// <summary>Ends it if it has not ended, and waits until nothing of it is left (an abandoned thread excepted).</summary>
    public abstract ValueTask DisposeAsync();
}

/// <summary>Takes the reports of a worker. Thread-safe; reports of a worker that was let go are ignored.</summary>
internal interface IWorkerOwner
{
    /// <summary>For what is to be said of its workers, too: one log keeps one order, and is waited for at the owner's end.</summary>
    ILogger Log { get; }

    /// <summary>The first user instruction comes next. False: do not run it, the call has ended.</summary>
    bool OnBegun(PoolWorker worker, Call call, bool debuggerAttached);

    /// <summary>The begun call waits for something and leaves room: the worker takes another one beside it.</summary>
    void OnInterleaved(PoolWorker worker, Call call);

    /// <summary>The worker is done with the call (run or refused) and takes another one. With <paramref name="workerUnfit"/> it must be replaced.</summary>
    void OnFinished(PoolWorker worker, Call call, Outcome outcome, bool workerUnfit = false);

    /// <summary>The worker is done with a quick call. <paramref name="failure"/>: how it failed; null for success.</summary>
    void OnQuickFinished(PoolWorker worker, QuickCall call, Outcome? failure, bool workerUnfit = false);

    /// <summary>The worker is done with those quick calls, which have their results. The list may be changed.</summary>
    void OnQuickSucceeded(PoolWorker worker, List<QuickCall> calls);

    /// <summary>The call has reached a limit: its worker is to be killed, and this is its failure.</summary>
    void OnLimit(PoolWorker worker, Call call, long id, WorkerException failure);

    /// <summary>The worker has run others, and what it holds leaves the call, which it was not sent, no room under its limits.</summary>
    void OnWorn(PoolWorker worker, Call call);

    /// <summary>The worker died. <paramref name="failure"/> makes the failure of the call it had begun, or of its own death if null.</summary>
    void OnLost(PoolWorker worker, Func<Call?, WorkerException> failure);
}
