using System.Collections.Concurrent;
using System.Diagnostics;
using Kernmantle.Functions;
using Kernmantle.Logging;
using Kernmantle.Logging.Events;
using Kernmantle.Platform.Linux;
using Kernmantle.Scheduling;
using Kernmantle.Scheduling.Calls;
using Kernmantle.Scheduling.Objects;
using Microsoft.Extensions.Logging;

namespace Kernmantle.InProcess.Threads;

/// <summary>Runs calls in this process: context, token, initializer and objects of one worker.</summary>
internal sealed class LocalRunner(PoolWorker worker, IWorkerOwner owner, string name, int id, WorkerPoolOptions options)
{
    /// <summary>The functions' own.</summary>
    private readonly ShownLogger logger = new(options.Loggers.CreateLogger(LogCategories.OfWorkersOf(options.Name)), LogCategories.OfWorkersOf(options.Name), name);
    private readonly ConcurrentDictionary<Call, CancellationTokenSource> running = new();

    public LocalInstances Instances { get; } = new();

    /// <summary>The lock that its calls hold; null for none.</summary>
    public GlobalLock? Gil { get; init; }

    /// <summary>How a call is invoked; null for directly.</summary>
    public Func<Call, LocalInstances, CancellationToken, ValueTask<Outcome>>? Invoke { get; init; }

    /// <summary>Runs the pool's initializer; blocks.</summary>
    public void Initialize() => InitializeAsync().GetAwaiter().GetResult();

    /// <summary>Runs the pool's initializer.</summary>
    public async Task InitializeAsync()
    {
        WorkerContext.Current = new(name, id, 1, logger, default) { GlobalLock = Gil };
        if (options.OnWorkerStart is Action action)
            action();
        else if (options.OnWorkerStart is Func<Task> function)
            await function().ConfigureAwait(false);
    }

    /// <summary>Runs the call to its end, blocking. Null: the owner does not want it any more.</summary>
    public Outcome? Run(Call call) => Start(call) is { } task ? task.GetAwaiter().GetResult() : null;

    /// <summary>Starts the call on this thread. Null: the owner does not want it any more.</summary>
    public Task<Outcome>? Start(Call call)
    {
        var source = new CancellationTokenSource();
        running[call] = source;
        if (owner.OnBegun(worker, call, debuggerAttached: false))
            return RunAsync(call, source);
        running.TryRemove(call, out _);
        source.Dispose();
        return null;
    }

    /// <summary>Cancels the token of the call, or of all that run.</summary>
    public void Cancel(Call? call)
    {
        foreach (Call each in call is null ? running.Keys : [call])
        {
            if (running.TryGetValue(each, out CancellationTokenSource? source))
                Cancel(each, source);
        }
    }

    private void Cancel(Call call, CancellationTokenSource source)
    {
        try
        {
            source.Cancel();
        }
        catch (AggregateException e)
        {
            CallEvents.CancellationCallbackThrew(owner.Log, e, call.Name);
        }
        catch (ObjectDisposedException)
        {
            // The call ended at this moment.
        }
    }

    /// <summary>Disposes of the objects that are left; blocks.</summary>
    public void ReleaseInstances() => ReleaseInstancesAsync().GetAwaiter().GetResult();

    /// <summary>Disposes of the objects that are left.</summary>
    public async Task ReleaseInstancesAsync()
    {
        foreach (Exception e in await Instances.ReleaseAllAsync().ConfigureAwait(false))
            CallEvents.ObjectNotDisposed(owner.Log, e, name);
    }

    private async Task<Outcome> RunAsync(Call call, CancellationTokenSource source)
    {
        using (source)
        using (logger.BeginScope(new WorkerScope(name, Environment.ProcessId, NativeThread.Id)))
        {
            var context = new RunningCall(worker, name, call, InvokeAsync);
            WorkerContext.Current = new(name, id, call.Attempt, logger, source.Token) { GlobalLock = Gil, Running = context };
            if (call.Watch?.Span is { } span)
                Activity.Current = span;
            try
            {
                return await InvokeAsync(call, source.Token).ConfigureAwait(false);
            }
            finally
            {
                await context.EndAsync().ConfigureAwait(false);
                running.TryRemove(call, out _);
            }
        }
    }

    private ValueTask<Outcome> InvokeAsync(Call call, CancellationToken token) => Invoke is null ? call.InvokeAsync(Instances, token) : Invoke(call, Instances, token);
}
