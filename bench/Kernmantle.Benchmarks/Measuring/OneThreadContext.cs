using System.Collections.Concurrent;

namespace Kernmantle.Benchmarks.Measuring;

/// <summary>Awaits come back to one thread, as in a program with a window: there <c>await Task.Run</c> changes threads twice.</summary>
internal sealed class OneThreadContext : SynchronizationContext, IDisposable
{
    private readonly BlockingCollection<(SendOrPostCallback Callback, object? State)> posted = [];

    public static T Run<T>(Func<Task<T>> body)
    {
        Task<T>? result = null;
        var thread = new Thread(() =>
        {
            using var context = new OneThreadContext();
            SetSynchronizationContext(context);
            result = body();
            _ = result.ContinueWith(_ => context.posted.CompleteAdding(), TaskScheduler.Default);
            foreach ((SendOrPostCallback callback, object? state) in context.posted.GetConsumingEnumerable())
                callback(state);
        });
        thread.Start();
        thread.Join();
        return result!.GetAwaiter().GetResult();
    }

    public override void Post(SendOrPostCallback d, object? state) => posted.Add((d, state));

    public void Dispose() => posted.Dispose();
}
