using System.Threading.Tasks.Sources;
using Kernmantle.Child;

namespace Kernmantle.Tests.Processes;

/// <summary>How the main thread of a worker waits for a task.</summary>
public sealed class MainThreadTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(3);

    /// <summary>
    /// A source is completed, for who looks, before it has told whom it is to tell. Who takes the result meanwhile, and has the source begin anew, is told
    /// of the next step, which has not ended.
    /// </summary>
    [Fact]
    public async Task Who_has_asked_to_be_told_takes_the_result_when_it_is_told()
    {
        var source = new Source();
        var waiting = new TaskCompletionSource<Thread>(TaskCreationOptions.RunContinuationsAsynchronously);
        Task<int> waits = Task.Factory.StartNew(
            () =>
            {
                var main = new MainThread();
                waiting.SetResult(Thread.CurrentThread);
                return main.Wait(new ValueTask<int>(source, 0));
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        Thread thread = await waiting.Task.WaitAsync(Deadline);
        Action tell = await source.Registered.Task.WaitAsync(Deadline);
        Assert.True(SpinWait.SpinUntil(() => source.IsTaken || thread.ThreadState.HasFlag(ThreadState.WaitSleepJoin), Deadline));
        Assert.False(source.IsTaken, "It took the result before it was told.");
        tell();
        Assert.Equal(7, await waits.WaitAsync(Deadline));
    }

    private sealed class Source : IValueTaskSource<int>
    {
        public TaskCompletionSource<Action> Registered { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        private volatile bool isCompleted;

        public volatile bool IsTaken;

        public int GetResult(short token)
        {
            IsTaken = true;
            return 7;
        }

        public ValueTaskSourceStatus GetStatus(short token) => isCompleted ? ValueTaskSourceStatus.Succeeded : ValueTaskSourceStatus.Pending;

        public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
        {
            isCompleted = true;   // from here on it seems so
            Registered.SetResult(() => continuation(state));
        }
    }
}
