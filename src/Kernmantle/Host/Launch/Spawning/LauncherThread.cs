using System.Collections.Concurrent;

namespace Kernmantle.Host.Launch.Spawning;

/// <summary>
/// The thread that starts every worker. A worker asks the kernel to be killed when its parent dies, and for the kernel the
/// parent is the thread that forked: this one ends with the process.
/// </summary>
internal static class LauncherThread
{
    private static readonly Lazy<BlockingCollection<Action>> Queue = new(Create);

    /// <summary>Runs <paramref name="launch"/> there; not at all if the token is cancelled before its turn comes.</summary>
    public static Task<T> RunAsync<T>(Func<T> launch, CancellationToken cancellationToken)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        Queue.Value.Add(
            () =>
            {
                if (cancellationToken.IsCancellationRequested)
                {
                    done.SetCanceled(cancellationToken);
                    return;
                }
                try
                {
                    done.SetResult(launch());
                }
                catch (Exception e)
                {
                    done.SetException(e);
                }
            },
            CancellationToken.None);
        return done.Task;
    }

    private static BlockingCollection<Action> Create()
    {
        var queue = new BlockingCollection<Action>();
        var thread = new Thread(
            () =>
            {
                foreach (Action launch in queue.GetConsumingEnumerable())
                    launch();
            },
            256 * 1024)
        {
            IsBackground = true,
            Name = "Kernmantle launcher",
        };
        thread.UnsafeStart();
        return queue;
    }
}
