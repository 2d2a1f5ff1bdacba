using CsCheck;
using Kernmantle.Scheduling;
using Kernmantle.Victim;

namespace Kernmantle.Tests.Model;

/// <summary>
/// Random commands against a model: whatever completes, is cancelled, times out, is killed, crashes or is disposed of, and in whatever
/// order, every call ends exactly once, in a way that its own history allows, and the pool's figures add up.
/// </summary>
public sealed class OneEndPerCallTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(3);

    /// <summary>Histories in pools that must be started, and whose workers die.</summary>
    private static readonly int Processes = Repetitions.Of(quick: 6, atLength: 30);

    public enum Kind
    {
        Quick,
        Failing,
        Asynchronous,
        Hanging,
        Crashing,
    }

    /// <param name="What">The function.</param>
    /// <param name="CancelAfter">Which later step cancels it; 0 for never.</param>
    /// <param name="HasTimeout">A hanging call has one in any case, or it would have no end of its own.</param>
    /// <param name="Key">0 for none.</param>
    public sealed record Submission(Kind What, int CancelAfter, bool HasTimeout, int Key);

    private static Gen<Submission[]> Steps(bool crashes) => Gen.Select(
        Gen.Enum<Kind>().Where(k => crashes || k != Kind.Crashing),
        Gen.Int[0, 5],
        Gen.Bool,
        Gen.Int[0, 2],
        static (what, cancel, timeout, key) => new Submission(what, cancel, timeout, key)).Array[1, 25];

    [Fact]
    public Task Every_call_on_threads_ends_once() => CheckAsync(crashes: false, 300, static () => WorkerPool.Threads(2, new() { KillGrace = TimeSpan.FromMilliseconds(1), DrainTimeout = TimeSpan.FromMilliseconds(50) }));

    [Fact]
    public Task Every_call_on_threads_with_room_for_two_ends_once() => CheckAsync(crashes: false, 300, static () => WorkerPool.Threads(2, new() { KillGrace = TimeSpan.FromMilliseconds(1), DrainTimeout = TimeSpan.FromMilliseconds(50), QueueCapacity = 2 }));

    [Fact]
    [Repeated]
    public Task Every_call_in_processes_with_room_for_two_ends_once() => CheckAsync(crashes: true, Processes, static () => WorkerPool.Processes(2, new() { KillGrace = TimeSpan.FromMilliseconds(1), DrainTimeout = TimeSpan.FromMilliseconds(50), QueueCapacity = 2 }));

    [Fact]
    public Task Every_call_on_threads_that_come_and_go_ends_once() => CheckAsync(crashes: false, 300, static () => WorkerPool.Threads(3, new() { KillGrace = TimeSpan.FromMilliseconds(1), DrainTimeout = TimeSpan.FromMilliseconds(50), MinWorkers = 0, IdleTimeout = TimeSpan.FromMilliseconds(1) }));

    [Fact]
    [Repeated]
    public Task Every_call_in_processes_that_come_and_go_ends_once() => CheckAsync(crashes: true, Processes, static () => WorkerPool.Processes(3, new() { KillGrace = TimeSpan.FromMilliseconds(1), DrainTimeout = TimeSpan.FromMilliseconds(50), MinWorkers = 0, IdleTimeout = TimeSpan.FromMilliseconds(1) }));

    [Fact]
    public Task Every_call_inline_ends_once() => CheckAsync(crashes: false, 300, static () => WorkerPool.Inline(true, new() { KillGrace = TimeSpan.FromMilliseconds(1), DrainTimeout = TimeSpan.FromMilliseconds(50) }));

    [Fact]
    [Repeated]
    public Task Every_call_in_processes_ends_once() => CheckAsync(crashes: true, Processes, static () => WorkerPool.Processes(2, new() { KillGrace = TimeSpan.FromMilliseconds(1), DrainTimeout = TimeSpan.FromMilliseconds(50) }));

    private static Task CheckAsync(bool crashes, long iterations, Func<WorkerPool> create) =>
        Gen.Select(Steps(crashes), Gen.Bool, static (steps, kill) => (steps, kill)).SampleAsync(
            async input => await RunAsync(create, input.steps, input.kill).WaitAsync(Deadline),
            iter: iterations,
            threads: 1);

    private static async Task RunAsync(Func<WorkerPool> create, Submission[] steps, bool kill)
    {
        WorkerPool pool = create();
        List<(Submission Submission, Task<int> Task, CancellationTokenSource Cancel)> calls = [];
        for (int i = 0; i < steps.Length; i++)
        {
            var cancel = new CancellationTokenSource();
            calls.Add((steps[i], Submit(pool, steps[i], cancel.Token), cancel));
            Check(pool);
            Assert.NotEqual(PoolState.Broken, pool.State);
            for (int earlier = 0; earlier < i; earlier++)
            {
                if (calls[earlier].Submission.CancelAfter == i - earlier)
                    await calls[earlier].Cancel.CancelAsync();
            }
        }
        if (kill)
            await pool.KillAsync();
        foreach ((_, Task<int> task, _) in calls)
            await ((Task)task).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Check(pool);
        await pool.DisposeAsync();
        Check(pool);
        Assert.Equal(PoolState.Disposed, pool.State);

        PoolStatistics figures = pool.Statistics;
        Assert.Equal((0, 0, 0), (figures.Queued, figures.Waiting, figures.Running));
        Assert.Equal(
            (calls.Count(static c => c.Task.IsCompletedSuccessfully), calls.Count(static c => c.Task.IsFaulted), calls.Count(static c => c.Task.IsCanceled)),
            ((int)figures.Completed, (int)figures.Failed, (int)figures.Cancelled));
        foreach ((Submission step, Task<int> task, _) in calls)
            Assert.True(Allows(step, task, kill), $"{step} ended {task.Status}: {task.Exception?.InnerException}");
    }

    private static void Check(WorkerPool pool) => Assert.Null(pool.Scheduler.FindViolation());

    private static Task<int> Submit(WorkerPool pool, Submission step, CancellationToken token)
    {
        var options = new CallOptions
        {
            Timeout = step.What == Kind.Hanging ? TimeSpan.FromMilliseconds(20) : step.HasTimeout ? TimeSpan.FromSeconds(60) : null,
            Key = step.Key == 0 ? null : step.Key,
        };
        return step.What switch
        {
            Kind.Quick => pool.With(options).RunAsync(static n => n + 1, 41, token),
            Kind.Failing => pool.With(options).RunAsync(static (int n) => n > 0 ? throw new FormatException() : n, 1, token),
            Kind.Asynchronous => pool.With(options).RunAsync(
                static async (n, ct) =>
                {
                    await Task.Delay(1, ct);
                    return n;
                },
                42,
                token),
            Kind.Hanging => pool.With(options).RunAsync(
                static async (n, ct) =>
                {
                    await Task.Delay(System.Threading.Timeout.Infinite, ct);
                    return n;
                },
                42,
                token),
            _ => pool.With(options).RunAsync(
                static n =>
                {
                    Misdeeds.ExitSeven();
                    return n;
                },
                42,
                token),
        };
    }

    /// <summary>The model: which ends the history of a call allows.</summary>
    private static bool Allows(Submission step, Task<int> task, bool killed)
    {
        if (task.IsCanceled)
            return step.CancelAfter > 0;
        if (task.IsCompletedSuccessfully)
            return step.What is Kind.Quick or Kind.Asynchronous && task.Result == 42;
        return task.Exception!.InnerException switch
        {
            ObjectDisposedException => killed,
            RemoteException e => step.What == Kind.Failing && e.TypeName == "System.FormatException",
            CallTimeoutException => step.What == Kind.Hanging,
            WorkerCrashedException e => step.What == Kind.Crashing && e.ExitCode == 7,
            _ => false,
        };
    }
}
