namespace Kernmantle.Tests.Pools;

/// <summary>Threads that do not end when they should, in pools that are disposed of.</summary>
public sealed class HangingStartTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(3);

    private static readonly TaskCompletionSource Leave = new();

    public static TheoryData<string> Places => ["Threads", "EventLoop", "Exclusive"];

    [Theory]
    [MemberData(nameof(Places))]
    public async Task A_thread_whose_start_hangs_is_let_go_of(string place)
    {
        var began = new TaskCompletionSource();
        Delegate hangs = place == "Threads"
            ? () =>
            {
                began.TrySetResult();
                Leave.Task.Wait();
            }
            : () =>
            {
                began.TrySetResult();
                return Leave.Task;
            };
        WorkerPool pool = place switch
        {
            "Threads" => WorkerPool.Threads(1, new() { OnWorkerStart = hangs }),
            "EventLoop" => WorkerPool.EventLoop(new() { OnWorkerStart = hangs }),
            _ => WorkerPool.Exclusive(1, options: new() { OnWorkerStart = hangs }),
        };
        Task<int> call = pool.RunAsync(static () => 1);
        await began.Task.WaitAsync(Deadline);
        await pool.KillAsync().WaitAsync(Deadline);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => call.WaitAsync(Deadline));
    }

    [Theory]
    [MemberData(nameof(Places))]
    public async Task A_thread_that_never_ends_disposing_of_an_object_is_let_go_of(string place)
    {
        WorkerPool pool = place switch
        {
            "Threads" => WorkerPool.Threads(1),
            "EventLoop" => WorkerPool.EventLoop(),
            _ => WorkerPool.Exclusive(1),
        };
        var disposing = new TaskCompletionSource();
        _ = await pool.CreateAsync(() => new Clinging(disposing)).WaitAsync(Deadline);
        await pool.DisposeAsync().AsTask().WaitAsync(Deadline);
        Assert.True(disposing.Task.IsCompletedSuccessfully);
    }

    private sealed class Clinging(TaskCompletionSource disposing) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            disposing.TrySetResult();
            await Leave.Task;
        }
    }
}
