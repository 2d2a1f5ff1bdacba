using Kernmantle.Failures;
using Kernmantle.Functions;
using Kernmantle.Scheduling;
using Kernmantle.Scheduling.Calls;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Kernmantle.Tests.Model;

/// <summary>Of calls that joined, what one comes to is not what the others came to, though their worker ends for it.</summary>
public sealed class JoinedEndsTests
{
    private static readonly CallOptions Options = new();

    private readonly Queue<Action> later = new();
    private readonly ModelKind kind;
    private readonly Scheduler scheduler;

    public JoinedEndsTests()
    {
        var clock = new FakeTimeProvider();
        kind = new() { Clock = clock, TakesQuickCalls = true, GivesEvidence = false, Interleaves = 1, Recycles = null, HasSpares = 0 };
        scheduler = new(kind, 1, new ThreadWorkerPoolOptions { TimeProvider = clock, LoggerFactory = NullLoggerFactory.Instance, KillGrace = TimeSpan.Zero }) { Later = later.Enqueue };
    }

    [Fact]
    public void One_whose_answer_was_not_heard_when_another_was_cancelled_is_not_cancelled()
    {
        ModelWorker worker = SubmitJoined(out Fate[] fates);
        worker.Begin();
        worker.Finish(Outcome.Done, unfit: false, late: true);
        worker.Begin();
        fates[2].Cancel.Cancel();
        Assert.Equal((1, 1, 1, 1), (fates[0].Ends, fates[1].Begins, fates[2].Begins, fates[2].Ends));
        Assert.True(fates[2].Outcome!.IsCancelled);
        var other = Assert.IsType<WorkerCrashedException>(fates[1].Outcome!.Failure);
        Assert.Contains("another call", other.LikelyCauses[0], StringComparison.OrdinalIgnoreCase);
        Assert.Equal((0, 0), (fates[3].Begins, fates[3].Ends));

        worker = Work();
        worker.Begin();
        worker.Finish(Outcome.Done, unfit: false);
        Assert.Equal((1, 1, Outcome.Done), (fates[3].Begins, fates[3].Ends, fates[3].Outcome));
        PoolStatistics figures = scheduler.Statistics;
        Assert.Equal((2, 1, 1, 0), (figures.Completed, figures.Failed, figures.Cancelled, figures.Queued));
        Assert.Null(scheduler.FindViolation());
        Assert.Empty(kind.Broken);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Who_cancels_them_as_one_cancels_all_that_are_not_answered(bool allowsRecall)
    {
        ModelWorker worker = SubmitJoined(out Fate[] fates);
        worker.Begin();
        worker.Finish(Outcome.Done, unfit: false);
        worker.Begin();
        kind.AllowsRecall = allowsRecall;
        Assert.True(scheduler.Interventions.Cancel(scheduler.Slots[0].Quick.First!.Id));
        kind.AllowsRecall = true;
        scheduler.RelieveStuckSlots();
        Work();
        Assert.Equal((1, 1, 1, 1, 0), (fates[1].Ends, fates[2].Ends, fates[3].Ends, fates[2].Begins, fates[3].Begins));
        Assert.Equal((Outcome.Done, true, true), (fates[1].Outcome, fates[2].Outcome!.IsCancelled, fates[3].Outcome!.IsCancelled));
        Assert.Equal(0, scheduler.Ledger.Live);
        Assert.Null(scheduler.FindViolation());
        Assert.Empty(kind.Broken);
    }

    [Fact]
    public void What_is_left_of_them_at_the_death_of_their_worker_is_before_what_came_after_them()
    {
        ModelWorker worker = SubmitJoined(out Fate[] fates, isOneBehind: true);
        worker.Begin();
        worker.Die();
        Assert.IsType<WorkerCrashedException>(fates[1].Outcome!.Failure);
        foreach (Fate next in fates[2..])
        {
            Assert.Equal(0, next.Begins);
            worker = Work();
            worker.Begin();
            Assert.Equal(1, next.Begins);
            worker.Finish(Outcome.Done, unfit: false);
        }
        Assert.Equal((4, 1), (scheduler.Statistics.Completed, scheduler.Statistics.Failed));
        Assert.Empty(kind.Broken);
    }

    /// <summary>A call that has ended, and behind it three that joined while they waited for it, which the worker has now; then perhaps one that did not, since its options are others.</summary>
    private ModelWorker SubmitJoined(out Fate[] fates, bool isOneBehind = false)
    {
        fates = [.. Enumerable.Range(0, isOneBehind ? 5 : 4).Select(static n => new Fate { Number = n, Key = 0, Attempts = 1 })];
        Submit(fates[0], ModelFunctions.Long);
        foreach (Fate fate in fates[1..4])
            Submit(fate, ModelFunctions.Short);
        if (isOneBehind)
            Submit(fates[4], ModelFunctions.Short, new());
        ModelWorker worker = Work();
        worker.Begin();
        worker.Finish(Outcome.Done, unfit: false);
        return worker;
    }

    private void Submit(Fate fate, Function function, CallOptions? options = null)
    {
        var call = new ModelQuickCall(fate, options ?? Options, function);
        scheduler.SubmitQuick(call, attend: false);
        scheduler.Cancellation.WatchQuick(call);
    }

    /// <summary>The worker that there is, when what is to be done later has been done.</summary>
    private ModelWorker Work()
    {
        while (later.TryDequeue(out Action? work))
            work();
        return Assert.Single(kind.Workers);
    }
}
