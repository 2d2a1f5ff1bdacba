using Kernmantle.Host.Death;
using Kernmantle.Host.Launch;
using Kernmantle.Host.Limiting;
using Kernmantle.Host.Logs;
using Kernmantle.Logging.Events;
using Kernmantle.Platform.Linux;
using Kernmantle.Scheduling;
using Kernmantle.Scheduling.Calls;
using Kernmantle.Wire;
using Kernmantle.Wire.Bytes;
using Microsoft.Extensions.Logging;

namespace Kernmantle.Host.Lane;

/// <summary>
/// The host's side of one worker process: starts it, speaks the protocol with it, and says how it died. It takes nothing
/// that the worker writes for granted: what the protocol does not allow at this moment ends the worker.
/// </summary>
internal sealed partial class ProcessLink(IWorkerOwner owner, string name, int id, LinkSettings settings) : PoolWorker
{
    /// <summary>How long the system may take to report the death of a process whose channel has closed.</summary>
    private static readonly TimeSpan DeathBound = TimeSpan.FromSeconds(2);

    /// <summary>How long last lines are waited for: a grandchild may hold the pipe open.</summary>
    private static readonly TimeSpan OutputBound = TimeSpan.FromMilliseconds(500);

    private readonly ILogger log = settings.Log;
    private readonly TaskCompletionSource ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource ending = new();
    private readonly Lock gate = new();
    private readonly HashSet<int> registered = [];
    private readonly LinkDialect? dialect = settings.Dialect?.Invoke();
    private Interruption? interruption;
    private WorkerProcess? process;
#pragma warning disable CA1859 // One of two kinds.
    private IFrameTransport? transport;
#pragma warning restore CA1859
    private LogSink? sink;
    private OutputReader? output;
    private OutputReader? error;
    private Task receiving = Task.CompletedTask;
    private WorkerDeath? death;
    private ProcessGauges? usage;
    private volatile bool killed;
    private volatile bool stopped;

    public override bool CanKill => true;

    public override Func<Call?, WorkerException>? Death => death is null ? null : death.ToFailure;

    /// <summary>Why it died by itself, once it has.</summary>
    public WorkerDeath? DeathRecord => death;

    public override int? ProcessId => process?.Id;

    public override long ResidentBytes => process is null || !ProcessGauges.IsSupported ? 0 : (usage ??= new(process.Id)).ResidentBytes();

    /// <summary>Completes when the process has ended and been reaped; null before it is started.</summary>
    public Task<ProcessEnd>? Ended => process?.Ended;

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);   // it takes its time: not on the thread of a caller
        using var start = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, ending.Token);
        transport = shared = settings.Shared?.TryCreate(log);
        handing = new(HandOver);
        MemoryKills.Current.Look();
        process = await WorkerProcess.StartAsync(settings.Launch with { WorkerName = name, Shared = shared?.Files }, start.Token).ConfigureAwait(false);
        shared?.OnRegistered = settings.Known is { } known ? known.Add : null;
        shared?.Connect(process.Channel);
        if (dialect is not null)
        {
            dialect.Connect(process);
            interruption = new(dialect, settings.Clock, ending.Token);
        }
        if (killed)
            process.Kill();
        sink = new LogSink(settings.Loggers, name, process.Id, settings.Clock, settings.WorkerCategory);
        output = new OutputReader(process.Output, isError: false, sink, CountOutput);
        error = new OutputReader(process.Error, isError: true, sink, CountOutput);
        transport ??= new SocketTransport(process.Channel, FrameLimits.MaxBody(settings.MaxPayloadBytes));
        receiving = ReceiveAsync();
        SendHello();
        TimeSpan bound = settings.WaitForDebugger ? Timeout.InfiniteTimeSpan : settings.StartTimeout;
        try
        {
            Task warm = WarmUpAsync();   // asked for now, done after the greeting
            await Task.WhenAll(ready.Task, warm).WaitAsync(bound, settings.Clock, start.Token).ConfigureAwait(false);
            if (death is { } early)
                throw early.ToFailure(null);   // after it was ready, before it was warm
        }
        catch (TimeoutException)
        {
            process.Kill();
            throw new WorkerCrashedException(
                $"Worker {name} (pid {process.Id}) was not ready after {bound} and was killed.",
                CrashReason.DiedAtStart,
                null,
                null,
                sink.LastLines,
                ["The machine is overloaded: raise StartTimeout.", "OnWorkerStart, a start-up hook or a module initializer does not end."]);
        }
    }

    public override void Kill()
    {
        killed = true;
        process?.SamplePeakMemory();   // its figures end with it
        KillWhenUnwatched();
    }

    public override async Task StopAsync(TimeSpan grace)
    {
        stopped = true;
        if (process is not { } running || transport is not { } channel)
            return;
        running.SamplePeakMemory();
        channel.Send(FrameKind.Stop, 0, default);
        await Task.WhenAny(running.Ended, Task.Delay(grace, settings.Clock)).ConfigureAwait(false);
        Kill();
    }

    public override async ValueTask DisposeAsync()
    {
        Kill();
        await ending.CancelAsync().ConfigureAwait(false);
        if (process is { } running)
        {
            await looking.ConfigureAwait(false);
            running.Kill();
            await running.Ended.ConfigureAwait(false);
        }
        await receiving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);   // its failure was reported as the worker's death
        if (transport is not null)
            await transport.DisposeAsync().ConfigureAwait(false);
        output?.Dispose();
        error?.Dispose();
        await DisposeLimitsAsync().ConfigureAwait(false);
        usage?.Dispose();
        if (interruption is not null)
            await interruption.Repeating.ConfigureAwait(false);
        dialect?.Dispose();
        if (process is not null)
            await process.DisposeAsync().ConfigureAwait(false);
    }

    private async Task ReceiveAsync()
    {
        string? violation = null;
        if (dialect is not null)
            _ = EndChannelAsync(process!);
        try
        {
            await transport!.ReceiveAsync(this).ConfigureAwait(false);
        }
        catch (Exception e) when (e is ProtocolViolationException or InvalidPayloadException)
        {
            violation = e.Message;
            process!.Kill();
        }
        (ProcessEnd end, violation) = await AwaitEndAsync(violation).ConfigureAwait(false);
        await Task.WhenAll(output!.DrainAsync(OutputBound, settings.Clock), error!.DrainAsync(OutputBound, settings.Clock)).ConfigureAwait(false);
        if (killed || stopped)
        {
            ready.TrySetCanceled();
            EndWarming();
            return;
        }
        // In version 2 a kill in the worker's own group counts in those above it too.
        bool killedForMemory = end.Signal == Signals.Kill && (MemoryKills.Current.TakeOne() | limits?.WasKilledForMemory == true);
        LimitReached? limit = limits?.ExplainDeath(end.Signal, end.CpuTime);
        limits?.End();
        death = new WorkerDeath
        {
            WorkerName = name,
            ProcessId = process!.Id,
            End = end,
            LastLines = sink!.LastLines,
            Words = LastWords.Parse(sink.LastWords),
            Violation = violation,
            AtStart = !ready.Task.IsCompletedSuccessfully,
            HeapLimitBytes = settings.ManagedHeapLimitBytes ?? 0,
            IsForeign = dialect is not null,
            Limit = limit,
            IsReplaced = settings.IsReplaced,
            KilledForMemory = killedForMemory,
        };
        if (current is { } call && !begun && dialect?.HasBegun(call) == true)
            owner.OnBegun(this, call, debuggerAttached: false);
        EndWarming();
        if (!ready.TrySetException(death.ToFailure(null)))
            owner.OnLost(this, death.ToFailure);
    }

    /// <summary>A process that a foreign program has started may hold the channel open after its death.</summary>
    private static async Task EndChannelAsync(WorkerProcess process)
    {
        await process.Ended.ConfigureAwait(false);
        process.EndChannel();
    }

    /// <summary>A worker that closed its channel but lives on is of no use: it is killed.</summary>
    private async Task<(ProcessEnd End, string? Violation)> AwaitEndAsync(string? violation)
    {
        Task<ProcessEnd> ended = process!.Ended;
        if (violation is not null || await Task.WhenAny(ended, Task.Delay(DeathBound, settings.Clock)).ConfigureAwait(false) == ended)
            return (await ended.ConfigureAwait(false), violation);
        process.Kill();
        ProcessEnd end = await ended.ConfigureAwait(false);
        if (!WentOn(end))
            return (end, null);
        ProcessEvents.ChannelClosed(log, name, process.Id);
        return (end, "it closed its channel and went on");
    }

    /// <summary>Of a worker that was killed since it had not ended some time after its channel: on a busy machine it may have been about to. Then it ended in its own way.</summary>
    internal static bool WentOn(ProcessEnd end) => end is { ExitCode: null, Signal: null or Signals.Kill };
}
