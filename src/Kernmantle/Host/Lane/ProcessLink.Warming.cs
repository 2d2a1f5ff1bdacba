using Kernmantle.Functions;
using Kernmantle.Wire;
using Microsoft.Extensions.Logging;

namespace Kernmantle.Host.Lane;

/// <summary>Functions that the worker makes ready before they are called: the pool's known ones at its start, others when the program asks for it.</summary>
internal sealed partial class ProcessLink
{
    private readonly Dictionary<long, (Function Function, TaskCompletionSource Prepared)> preparing = [];
    private bool takesNoMore;

    public override Task WarmAsync(Function function)
    {
        if (dialect is not null || transport is not { } channel)
            return Task.CompletedTask;   // a worker that has not started gets it with its start
        TaskCompletionSource prepared;
        lock (gate)
        {
            if (takesNoMore)
                return Task.CompletedTask;
            if (preparing.TryGetValue(function.Id, out (Function, TaskCompletionSource Prepared) under))
                return under.Prepared.Task;
            preparing.Add(function.Id, (function, prepared = new(TaskCreationOptions.RunContinuationsAsynchronously)));
            Register(channel, function);
            channel.Send(FrameKind.Prepare, function.Id, default);
        }
        return prepared.Task;
    }

    /// <summary>Under the lock.</summary>
    private void Register(IFrameTransport channel, Function function)
    {
        if (!registered.Add(function.Id))
            return;
        shared?.MarkRegistered(function.Id);
        channel.Send(FrameKind.Register, function.Id, function.Descriptor.Span);
        settings.Known?.Add(function);
    }

    /// <summary>After its greeting has been sent: completes when it has made ready what the pool knows.</summary>
    private async Task WarmUpAsync()
    {
        if (settings.Known is not { } known)
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
        lock (gate)
            first = takesNoMore && ready.Task.IsCompletedSuccessfully ? preparing.Values.Select(static p => p.Function).FirstOrDefault() : null;
        if (first is null || killed)
            return;
        Logging.Events.ProcessEvents.DiedWarming(log, name, first.DisplayName);
        known.Remove(first);
    }

    /// <exception cref="ProtocolViolationException">It was not asked to.</exception>
    private void OnPrepared(long function)
    {
        TaskCompletionSource prepared;
        lock (gate)
        {
            if (!preparing.Remove(function, out (Function, TaskCompletionSource Prepared) under))
                throw new ProtocolViolationException($"function {function} made ready, which nobody asked for");
            prepared = under.Prepared;
        }
        prepared.TrySetResult();
    }

    /// <summary>The connection has ended. Whoever waits for a worker to be warm waits no more: the one in its place will be.</summary>
    private void EndWarming()
    {
        TaskCompletionSource[] waiting;
        lock (gate)
        {
            takesNoMore = true;
            waiting = [.. preparing.Values.Select(static p => p.Prepared)];
        }
        foreach (TaskCompletionSource each in waiting)
            each.TrySetCanceled();
    }
}
