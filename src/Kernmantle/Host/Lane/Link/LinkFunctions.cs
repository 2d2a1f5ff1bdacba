using Kernmantle.Functions;
using Kernmantle.Logging.Events;
using Kernmantle.Scheduling.Calls;
using Kernmantle.Wire;

namespace Kernmantle.Host.Lane.Link;

/// <summary>
/// The functions that the worker was told of, and those that it makes ready before they are called: the pool's known ones at its start, others when the
/// program asks for it.
/// </summary>
internal sealed class LinkFunctions(LinkContext link)
{
    private readonly HashSet<int> registered = [];
    private readonly Dictionary<long, (Function Function, TaskCompletionSource Prepared)> preparing = [];
    private bool isGreeted;
    private bool takesNoMore;

    /// <summary>As <see cref="Scheduling.PoolWorker.WarmAsync"/>.</summary>
    public Task WarmAsync(Function function)
    {
        if (link.Dialect is not null || link.Transport is not { } channel)
            return Task.CompletedTask;
        TaskCompletionSource prepared;
        lock (link.Gate)
        {
            if (takesNoMore || !isGreeted)
                return Task.CompletedTask;   // who has not been greeted takes nothing else, and gets it with its start
            if (preparing.TryGetValue(function.Id, out (Function, TaskCompletionSource Prepared) under))
                return under.Prepared.Task;
            preparing.Add(function.Id, (function, prepared = new(TaskCreationOptions.RunContinuationsAsynchronously)));
            Register(channel, function);
            channel.Send(FrameKind.Prepare, function.Id, default);
        }
        return prepared.Task;
    }

    /// <summary>Under the lock: tells the worker of the function, unless it knows it.</summary>
    public void Register(IFrameTransport channel, Function function)
    {
        if (!registered.Add(function.Id))
            return;
        link.Shared?.MarkRegistered(function.Id);
        channel.Send(FrameKind.Register, function.Id, function.Descriptor.Span);
        if (!function.IsPassedOn)   // what another worker calls, new workers learn of from that
            link.Settings.Known?.Add(function);
    }

    /// <summary>After its greeting has been sent: completes when it has made ready what the pool knows.</summary>
    public async Task WarmUpAsync()
    {
        lock (link.Gate)
            isGreeted = true;   // before a look at what is known: who adds to it afterwards tells this worker
        if (link.Settings.Known is not { } known)
            return;
        try
        {
            await Task.WhenAll(known.All.AsEnumerable().Reverse().Select(WarmAsync)).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // It died; which is told as every death at start.
        }
        Function? first;
        lock (link.Gate)
            first = takesNoMore && link.Ready.Task.IsCompletedSuccessfully ? preparing.Values.Select(static p => p.Function).FirstOrDefault() : null;
        if (first is null || link.IsKilled)
            return;
        ProcessEvents.DiedWarming(link.Log, link.Name, first.DisplayName);
        known.Remove(first);
    }

    /// <exception cref="ProtocolViolationException">It was not asked to.</exception>
    public void OnPrepared(long function)
    {
        TaskCompletionSource prepared;
        lock (link.Gate)
        {
            if (!preparing.Remove(function, out (Function, TaskCompletionSource Prepared) under))
                throw new ProtocolViolationException($"function {function} made ready, which nobody asked for");
            prepared = under.Prepared;
        }
        prepared.TrySetResult();
    }

    /// <summary>The connection has ended. Whoever waits for a worker to be warm waits no more: the one in its place will be.</summary>
    public void End()
    {
        TaskCompletionSource[] waiting;
        lock (link.Gate)
        {
            takesNoMore = true;
            waiting = [.. preparing.Values.Select(static p => p.Prepared)];
        }
        foreach (TaskCompletionSource each in waiting)
            each.TrySetCanceled();
    }

    /// <summary>What is to be said of a function that assigns what it captures, once, outside of all locks.</summary>
    public void TellAssigned(Function function)
    {
        if (function.TakeAssigned() is { Count: > 0 } variables)
            CallEvents.AssignsCaptured(link.Log, function.DisplayName, string.Join(", ", variables).Replace("The captured variable", "the captured variable", StringComparison.Ordinal));
    }
}
