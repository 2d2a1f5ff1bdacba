using Kernmantle.Functions;
using Kernmantle.Scheduling;
using Kernmantle.Scheduling.Calls;
using Kernmantle.Victim;

namespace Kernmantle.Tests.Failures;

/// <summary>Calls that kill whatever worker they are given to.</summary>
public sealed class PoisonTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(3);

    private static readonly RetryPolicy Often = new() { On = FailureKinds.Crash, MaxAttempts = 10, Backoff = TimeSpan.FromMilliseconds(1) };

    [Fact]
    public async Task A_call_that_killed_two_workers_is_not_tried_again_and_tells_of_both()
    {
        string file = Path.Combine(Directory.CreateTempSubdirectory("kernmantle-poison-").FullName, "attempts");
        await using WorkerPool pool = WorkerPool.Processes(2);
        PoisonedCallException poison = await Assert.ThrowsAsync<PoisonedCallException>(() => pool.With(new() { Retry = Often }).RunAsync(NoteAndExit, file).WaitAsync(Deadline));
        Assert.Equal(["1", "2"], File.ReadAllLines(file));
        Assert.Equal(2, poison.Deaths.Count);
        Assert.All(poison.Deaths, static death => Assert.Equal((CrashReason.Exited, 7), (death.Reason, death.ExitCode)));
        Assert.Equal(CrashReason.Exited, poison.Reason);
        Assert.Contains("killed 2 workers", poison.Message, StringComparison.Ordinal);
        Assert.Equal(1, await pool.RunAsync(static () => 1).WaitAsync(Deadline));
        Assert.Equal((2L, 1L), (pool.Statistics.Replaced, pool.Statistics.Retried));
    }

    [Fact]
    public async Task Without_a_retry_a_death_is_a_death()
    {
        await using WorkerPool pool = WorkerPool.Processes(1);
        for (int i = 0; i < 3; i++)
            await Assert.ThrowsAsync<WorkerCrashedException>(() => pool.RunAsync(Misdeeds.ExitSeven).WaitAsync(Deadline));
    }

    /// <summary>A worker that dies as soon as it is given a call, before that begins.</summary>
    [Fact]
    public async Task A_call_whose_arrival_kills_does_not_wander_from_worker_to_worker_for_ever()
    {
        var scheduler = new Scheduler(new FragileKind(), 1, new ThreadWorkerPoolOptions());
        var call = new ValueCall<ValueTuple, int>(static () => 1, new(ReturnKind.Value, IsVoid: false, HasToken: false), default, null, new(), default);
        scheduler.Submit(call);
        PoisonedCallException poison = await Assert.ThrowsAsync<PoisonedCallException>(() => call.Task.WaitAsync(Deadline));
        Assert.Equal(3, poison.Deaths.Count);
        Assert.Equal(3, scheduler.Statistics.Replaced);
        await scheduler.Shutdown.BeginAsync().WaitAsync(Deadline);
    }

    private static void NoteAndExit(string file)
    {
        File.AppendAllText(file, $"{WorkerContext.Current!.Attempt}\n");
        Misdeeds.ExitSeven();
    }

    private sealed class FragileKind : WorkerKind
    {
        public override string Place => "model";

        public override PoolWorker Create(IWorkerOwner owner, string name, int id) => new FragileWorker(owner);
    }

    private sealed class FragileWorker(IWorkerOwner owner) : PoolWorker
    {
        public override bool CanKill => true;

        public override Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public override void Dispatch(Call call) =>
            owner.OnLost(this, static _ => new WorkerCrashedException("It fell.", CrashReason.Signal, null, 11, [], []));

        public override void CancelCall(Call call)
        {
        }

        public override void Kill()
        {
        }

        public override Task StopAsync(TimeSpan grace) => Task.CompletedTask;

        public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
