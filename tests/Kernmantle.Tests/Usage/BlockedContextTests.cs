namespace Kernmantle.Tests.Usage;

/// <summary>A thread with a context of its own, such as a window's, that blocks: what is posted to it meanwhile never runs, so nothing may wait for that.</summary>
public sealed class BlockedContextTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(3);

    [Theory]
    [InlineData("threads")]
    [InlineData("event loop")]
    [InlineData("exclusive")]
    [InlineData("inline")]
    [InlineData("processes")]
    public async Task A_pool_starts_and_runs(string kind) => await OnBlockedThreadAsync(() =>
    {
        WorkerPool pool = kind switch
        {
            "threads" => WorkerPool.Threads(1),
            "event loop" => WorkerPool.EventLoop(),
            "exclusive" => WorkerPool.Exclusive(1),
            "inline" => WorkerPool.Inline(verifyPortable: true),
            _ => WorkerPool.Processes(1),
        };
        Assert.Equal(3, pool.Run(static n => n + 1, 2));
        pool.DisposeAsync().AsTask().Wait(Deadline);
    });

    [Fact]
    public async Task A_worker_on_a_thread_starts_and_is_joined() => await OnBlockedThreadAsync(static () =>
        Join(Worker.OnThread("blocked", static n => n + 1, 2)));

    [Fact]
    public async Task A_worker_in_a_process_starts_and_is_joined() => await OnBlockedThreadAsync(static () =>
        Join(Worker.OnProcess("blocked", static n => n + 1, 2)));

    private static void Join(Worker<int> worker)
    {
        worker.Start();
        Assert.NotNull(worker.Join(Deadline));
        Assert.Equal(3, worker.Result);
    }

    private static async Task OnBlockedThreadAsync(Action action)
    {
        var done = new TaskCompletionSource();
        new Thread(() =>
        {
            SynchronizationContext.SetSynchronizationContext(new DeafContext());
            try
            {
                action();
                done.SetResult();
            }
            catch (Exception e)
            {
                done.SetException(e);
            }
        })
        { IsBackground = true, Name = "blocked" }.Start();
        await done.Task.WaitAsync(Deadline, TestContext.Current.CancellationToken);
    }

    /// <summary>As one whose thread is blocked for good.</summary>
    private sealed class DeafContext : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state)
        {
        }
    }
}
