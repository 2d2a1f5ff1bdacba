namespace Kernmantle.Tests.Pools;

/// <summary>What an asynchronous function awaits goes on on its worker's main thread where that waits for it, and never waits for a thread that is blocked.</summary>
public abstract class AwaitingFunctionContract(WorkerTransport transport)
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(120);

    private static TaskCompletionSource? background;

    private WorkerPool NewPool() => WorkerPool.Processes(1, new() { Transport = transport });

    private static async Task<int> AwaitTwice()
    {
        await Task.Yield();
        await Task.Yield();
        return Environment.CurrentManagedThreadId;
    }

    /// <summary>Again and again, since a thread that gets no processor for a while is helped out.</summary>
    [Fact]
    public async Task A_function_stays_on_the_thread_of_its_worker()
    {
        await using WorkerPool pool = NewPool();
        int main = await pool.RunAsync(static () => Environment.CurrentManagedThreadId).WaitAsync(Deadline);
        using var deadline = new CancellationTokenSource(Deadline);
        while (main != await pool.RunAsync(static async () => await AwaitTwice()).WaitAsync(Deadline))
            deadline.Token.ThrowIfCancellationRequested();
        while (!await pool.MapAsync(static async _ => await AwaitTwice(), Enumerable.Range(0, 10)).AllAsync(item => item.Value == main))
            deadline.Token.ThrowIfCancellationRequested();
        while (!await pool.StreamAsync(static n => Threads(n), 10).AllAsync(thread => thread == main))
            deadline.Token.ThrowIfCancellationRequested();

        static async IAsyncEnumerable<int> Threads(int count)
        {
            for (int i = 0; i < count; i++)
            {
                await Task.Yield();
                yield return Environment.CurrentManagedThreadId;
            }
        }
    }

    [Fact]
    [Repeated]
    public async Task A_function_may_be_completed_by_any_thread()
    {
        await using WorkerPool pool = NewPool();
        for (int i = 0; i < 300; i++)
        {
            int doubled = await pool.RunAsync(static async n =>
            {
                var there = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
                ThreadPool.QueueUserWorkItem(_ => there.SetResult(n));
                int first = await there.Task;
                int second = await Task.Run(() => n).ConfigureAwait(false);
                return first + second;
            }, i).WaitAsync(Deadline);
            Assert.Equal(2 * i, doubled);
        }
    }

    [Fact]
    [Repeated]
    public async Task A_function_may_block_on_its_own_tasks()
    {
        await using WorkerPool pool = NewPool();
        for (int i = 0; i < 20; i++)
        {
            Assert.Equal(i, await pool.RunAsync(static async n =>
            {
                await Task.Yield();
                AwaitTwice().Wait();
                return n;
            }, i).WaitAsync(Deadline));
        }
    }

    [Fact]
    public async Task Parts_of_a_function_run_at_the_same_time()
    {
        await using WorkerPool pool = NewPool();
        Assert.True(await pool.RunAsync(static async () =>
        {
            using var both = new Barrier(2);
            await Task.WhenAll(Meet(both), Meet(both));
            return both.CurrentPhaseNumber == 1;
        }).WaitAsync(Deadline));

        static async Task Meet(Barrier barrier)
        {
            await Task.Yield();
            barrier.SignalAndWait();   // blocks until the other is there
        }
    }

    [Fact]
    public async Task What_a_function_leaves_behind_goes_on()
    {
        await using WorkerPool pool = NewPool();
        for (int i = 0; i < 20; i++)
        {
            await pool.RunAsync(static () =>
            {
                background = new(TaskCreationOptions.RunContinuationsAsynchronously);
                _ = Later(background);
                return Task.CompletedTask;
            }).WaitAsync(Deadline);
            await pool.RunAsync(static async () => await background!.Task).WaitAsync(Deadline);
        }

        static async Task Later(TaskCompletionSource done)
        {
            await Task.Yield();
            await Task.Yield();
            done.SetResult();
        }
    }

    [Fact]
    public async Task An_exception_that_nobody_can_catch_ends_the_worker()
    {
        await using WorkerPool pool = NewPool();
        WorkerCrashedException crash = await Assert.ThrowsAsync<WorkerCrashedException>(() => pool.RunAsync(static async () =>
        {
            Void();
            await Task.Delay(Timeout.Infinite);
        }).WaitAsync(Deadline));
        Assert.Contains("of no task", crash.Message, StringComparison.Ordinal);

        static async void Void()
        {
            await Task.Yield();
            throw new InvalidOperationException("of no task");
        }
    }

    [Fact]
    public async Task A_failure_and_a_cancellation_arrive()
    {
        await using WorkerPool pool = NewPool();
        RemoteException failure = await Assert.ThrowsAsync<RemoteException>(() => pool.RunAsync(static async () =>
        {
            await Task.Yield();
            throw new InvalidOperationException("later");
        }).WaitAsync(Deadline));
        Assert.Contains("later", failure.Message, StringComparison.Ordinal);

        using var cancel = new CancellationTokenSource();
        string reached = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        Task waiting = pool.RunAsync(static async (path, token) =>
        {
            await Task.Yield();
            await File.WriteAllTextAsync(path, "", token);
            await Task.Delay(Timeout.Infinite, token);
        }, reached, cancel.Token);
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (!File.Exists(reached))
            await tick.WaitForNextTickAsync();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting.WaitAsync(Deadline));
        File.Delete(reached);
    }

    [Fact]
    public async Task A_synchronous_function_has_no_context()
    {
        await using WorkerPool pool = NewPool();
        Assert.True(await pool.RunAsync(static async () =>
        {
            await Task.Yield();
            return SynchronizationContext.Current is not null;
        }).WaitAsync(Deadline));
        Assert.True(await pool.RunAsync(static () => SynchronizationContext.Current is null && AwaitTwice().Result > 0).WaitAsync(Deadline));
    }
}

public sealed class SharedMemoryAwaitingFunctionTests() : AwaitingFunctionContract(WorkerTransport.SharedMemory);

public sealed class SocketAwaitingFunctionTests() : AwaitingFunctionContract(WorkerTransport.Socket);
