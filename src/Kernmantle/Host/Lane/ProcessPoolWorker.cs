using Kernmantle.Failures;
using Kernmantle.Functions;
using Kernmantle.Host.Death;
using Kernmantle.Host.Lane.Link;
using Kernmantle.Host.Lane.Quick;
using Kernmantle.Host.Launch;
using Kernmantle.Host.Limiting;
using Kernmantle.Host.Logs;
using Kernmantle.Logging.Events;
using Kernmantle.Platform.Linux;
using Kernmantle.Scheduling;
using Kernmantle.Scheduling.Calls;
using Kernmantle.SharedState;
using Kernmantle.Wire;
using Kernmantle.Wire.Bytes;

namespace Kernmantle.Host.Lane;

/// <summary>
/// The host's side of one worker process: starts it, and says how it died. What is said to the worker, and what it may answer, is the affair of its parts
/// (<see cref="LinkSender"/>, <see cref="LinkReceiver"/>, <see cref="LinkQuick"/>). Nothing that the worker writes is taken for granted: what the protocol does not allow
/// at this moment ends the worker.
/// </summary>
internal sealed class ProcessPoolWorker : PoolWorker
{
    /// <summary>How long the system may take to report the death of a process whose channel has closed.</summary>
    private static readonly TimeSpan DeathBound = TimeSpan.FromSeconds(2);

    /// <summary>How long last lines are waited for: a grandchild may hold the pipe open.</summary>
    private static readonly TimeSpan OutputBound = TimeSpan.FromMilliseconds(500);

    private readonly LinkSettings settings;
    private readonly LinkContext link;
    private readonly LinkCalls calls;
    private readonly LinkClock clock;
    private readonly LinkFunctions functions;
    private readonly LinkLimits limits;
    private readonly LinkEvidence evidence;
    private readonly LinkSender sender;
    private readonly LinkReceiver receiver;
    private readonly LinkObjects objects;
    private readonly LinkQuick quick;
    private readonly CancellationTokenSource ending = new();
    private OutputReader? output;
    private OutputReader? error;
    private Task receiving = Task.CompletedTask;
    private WorkerDeath? death;
    private ProcessGauges? usage;
    private volatile bool stopped;
    private volatile bool isGivenAway;

    public ProcessPoolWorker(IWorkerOwner owner, string name, int id, LinkSettings settings)
    {
        this.settings = settings;
        link = new(this, owner, name, id, settings);
        calls = new(takesOthers: link.Dialect is not null);
        clock = new(link, calls);
        functions = new(link);
        limits = new(link, calls, clock);
        evidence = new(link);
        var ends = new LinkEnds(link, calls, clock, limits);
        objects = new(link);
        sender = new(link, calls, clock, functions, limits, ends, objects);
        receiver = new(link, calls, clock, functions, limits, ends, sender, objects);
        quick = new(link, sender, functions, limits, objects);
    }

    public override bool CanKill => true;

    public override Func<Call?, WorkerException>? Death => death is null ? null : death.ToFailure;

    /// <summary>Why it died by itself, once it has.</summary>
    public WorkerDeath? DeathRecord => death;

    public override (int Worker, int Thread)? RunsOn => (link.Id, Party.MainThread);

    public override int? ProcessId => link.Process?.Id;

    public override long ResidentBytes => Usage?.ResidentBytes() ?? 0;

    public override TimeSpan ProcessorTime => Usage?.CpuTime() ?? TimeSpan.Zero;

    public override long SharedBytes => link.Shared?.SharedBytes ?? 0;

    private ProcessGauges? Usage => link.Process is not { } process || !ProcessGauges.IsSupported ? null : usage ??= new(process.Id);

    /// <summary>Completes when the process has ended and been reaped; null before it is started.</summary>
    public Task<ProcessEnd>? Ended => link.Process?.Ended;

    /// <summary>Takes what the worker says.</summary>
    internal IFrameReceiver Receiver => receiver;

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);   // it takes its time: not on the thread of a caller
        using var start = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, ending.Token);
        SharedMemoryTransport? shared = settings.Shared?.TryCreate(link.Log);
        (link.Transport, link.Shared) = (shared, shared);
        MemoryKills.Current.Look();
        LaunchRequest request = settings.Launch with { WorkerName = link.Name, Shared = shared?.Files };
        WorkerProcess? taken = settings.Others is { } others ? await others.TryTakeAsync(request).ConfigureAwait(false) : null;
        WorkerProcess process = taken ?? await WorkerProcess.StartAsync(request, start.Token).ConfigureAwait(false);
        link.Process = process;
        shared?.OnRegistered = settings.Known is { } known ? known.Add : null;
        shared?.Buffers.Worker = (link.Id, link.Name, link.Log);
        shared?.Buffers.Objects = objects;
        shared?.Connect(process.Channel);
        if (link.Dialect is { } dialect)
        {
            dialect.Connect(process);
            link.Interruption = new(dialect, settings.Clock, ending.Token);
        }
        if (link.IsKilled)
            process.Kill();
        var sink = new LogSink(settings.Loggers, link.Name, process.Id, settings.Clock, settings.WorkerCategory);
        link.Sink = sink;
        output = new OutputReader(process.Output, isError: false, sink, limits.CountOutput);
        error = new OutputReader(process.Error, isError: true, sink, bytes =>
        {
            process.SamplePeakMemory();   // a dying worker says its last words there, and can be asked no more afterwards
            limits.CountOutput(bytes);
        });
        link.Transport ??= new SocketTransport(process.Channel, FrameLimits.MaxBody(settings.MaxPayloadBytes));
        receiving = ReceiveAsync(process, link.Transport);
        sender.SendHello();
        TimeSpan bound = settings.WaitForDebugger ? Timeout.InfiniteTimeSpan : settings.StartTimeout;
        try
        {
            Task warm = functions.WarmUpAsync();   // asked for now, done after the greeting
            Task ready = Task.WhenAll(link.Ready.Task, warm);
            _ = ready.ContinueWith(static late => late.Exception, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);   // after it was given up, nobody else looks
            await ready.WaitAsync(bound, settings.Clock, start.Token).ConfigureAwait(false);
            if (death is { } early)
                throw early.ToFailure(null);   // after it was ready, before it was warm
        }
        catch (TimeoutException)
        {
            process.Kill();
            throw new WorkerCrashedException(
                $"Worker {link.Name} (pid {process.Id}) was not ready after {bound} and was killed.",
                CrashReason.DiedAtStart,
                null,
                null,
                sink.LastLines,
                ["The machine is overloaded: raise StartTimeout.", "OnWorkerStart, a start-up hook or a module initializer does not end."]);
        }
    }

    /// <summary>What its process was started with; null for one that may not be another pool's, since code of the program's has run there.</summary>
    public LaunchCommand? StartedWith => limits.HasServed ? null : link.Process?.Command;

    /// <summary>
    /// Its process, which has been ready and has run nothing of the program's, for another owner, and with it whatever there is to talk to it by. Null: it has ended, or is not reached
    /// over shared memory. Its owner has let go of this worker, which is over either way.
    /// </summary>
    public async Task<WorkerProcess?> GiveAwayAsync()
    {
        WorkerProcess process = link.Process!;
        if (link.Shared is { } shared)
        {
            isGivenAway = true;
            shared.Leave();
            await receiving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);   // its failure was reported as the worker's death
            await output!.LeaveAsync().ConfigureAwait(false);
            await error!.LeaveAsync().ConfigureAwait(false);
            if (death is null && !process.HasClosed)
                (link.Process, output, error) = (null, null, null);
        }
        await DisposeAsync().ConfigureAwait(false);
        return link.Process is null ? process : null;
    }

    public override void Kill()
    {
        link.IsKilled = true;
        link.Process?.SamplePeakMemory();   // its figures end with it
        evidence.KillWhenUnwatched();
    }

    public override async Task StopAsync(TimeSpan grace)
    {
        stopped = true;
        if (link.Process is not { } running || link.Transport is not { } channel)
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
        if (link.Process is { } running)
        {
            await evidence.Looking.ConfigureAwait(false);
            running.Kill();
            await running.Ended.ConfigureAwait(false);
        }
        await receiving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);   // its failure was reported as the worker's death
        if (link.Transport is not null)
            await link.Transport.DisposeAsync().ConfigureAwait(false);
        output?.Dispose();
        error?.Dispose();
        await limits.DisposeAsync().ConfigureAwait(false);
        usage?.Dispose();
        if (link.Interruption is not null)
            await link.Interruption.Repeating.ConfigureAwait(false);
        link.Dialect?.Dispose();
        if (link.Process is not null)
            await link.Process.DisposeAsync().ConfigureAwait(false);
    }

    // --- Calls by frames, and what is known of them ---

    public override Task WarmAsync(Function function) => functions.WarmAsync(function);

    public override void Dispatch(Call call) => sender.Dispatch(call);

    public override void CancelCall(Call call) => sender.Cancel(call);

    public override CallClock ClockOf(Call call, long begun) => clock.Of(call, begun);

    public override bool HasUnheard => link.Shared?.HasUnheardEnd ?? (link.Transport as SocketTransport)?.HasUnheard ?? false;

    public override bool GivesEvidence => evidence.IsThere;

    public override void PrepareEvidence() => evidence.Prepare();

    public override Task<WorkerEvidence> TakeEvidenceAsync() => evidence.TakeAsync();

    public override Task<string?> TakeStacksAsync(TimeSpan budget) => evidence.TakeStacksAsync(budget);

    // --- Quick calls ---

    public override bool TakesQuickCalls => link.Shared is not null;

    public override void Offer(QuickCall call, long place) => quick.Offer(call, place);

    public override PayloadRoom? TryRentRoom(int length) => link.Shared?.TryRentRoom(length);

    public override bool Look(QuickCall call) => link.Shared!.Attend(call, Attendance.Look);

    public override bool Sleep(QuickCall call) => link.Shared!.Attend(call, Attendance.Sleep);

    public override bool Leave(QuickCall call) => link.Shared!.Attend(call, Attendance.Leave);

    public override long LastBegun => link.Shared?.LastBegun ?? 0;

    public override Overrun PartOf(long number) => link.Shared!.PartOf(number);

    public override Overrun TimeOf(QuickCall call, long number, out long started) => quick.TimeOf(call, number, out started);

    public override bool HasUnheardQuick => link.Shared!.HasUnheard;

    public override void CancelQuick(QuickCall call, long number) => link.Shared?.Cancel(number);

    public override bool TryRecall(out long first, out long last) => quick.TryRecall(Placed, out first, out last);

    public override void WakeCaller() => link.Shared?.WakeCaller();

    public override void TakeNoMore() => quick.TakeNoMore();

    public override void Retire() => quick.Retire();

    public override WorkerException EndForViolation(QuickCall call, string violation) => quick.EndForViolation(call, violation);

    // --- Its end ---

    /// <summary>Until it has ended, and whoever waits for it has been told.</summary>
    private async Task ReceiveAsync(WorkerProcess process, IFrameTransport transport)
    {
        try
        {
            await HearOutAsync(process, transport).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            // A mistake of ours costs the worker, and nobody's call its end.
            ProcessEvents.EndNotInOrder(link.Log, e, link.Name, process.Id);
            process.Kill();
            objects.End();
            TellOfDeath(process, await process.Ended.ConfigureAwait(false), violation: null, killedForMemory: false);
        }
    }

    private async Task HearOutAsync(WorkerProcess process, IFrameTransport transport)
    {
        string? violation = null;
        if (link.Dialect is not null)
            _ = EndChannelAsync(process);
        try
        {
            await transport.ReceiveAsync(receiver).ConfigureAwait(false);
        }
        catch (Exception e) when (e is ProtocolViolationException or InvalidPayloadException)
        {
            violation = e.Message;
            process.Kill();
        }
        objects.End();
        if (isGivenAway && violation is null)
        {
            functions.End();
            return;
        }
        (ProcessEnd end, violation) = await AwaitEndAsync(process, violation).ConfigureAwait(false);
        end = end with { WasAsked = stopped };
        link.Shared?.Buffers.OnWorkerEnded(end);   // before anybody is told of its end
        if (link.Dialect is { } dialect)
        {
            await dialect.OnEndedAsync(end).ConfigureAwait(false);
            violation ??= dialect.Violation;
        }
        await Task.WhenAll(output!.DrainAsync(OutputBound, settings.Clock), error!.DrainAsync(OutputBound, settings.Clock)).ConfigureAwait(false);
        // In version 2 a kill in the worker's own group counts in those above it too.
        bool killedForMemory = !link.IsKilled && !stopped && end.Signal == Signals.Kill && (MemoryKills.Current.TakeOne() | limits.KilledForMemory);
        TellOfDeath(process, end, violation, killedForMemory);
    }

    private void TellOfDeath(WorkerProcess process, ProcessEnd end, string? violation, bool killedForMemory)
    {
        if (link.IsKilled || stopped)
        {
            link.Ready.TrySetCanceled();
            functions.End();
            return;
        }
        death = new WorkerDeath
        {
            WorkerName = link.Name,
            ProcessId = process.Id,
            End = end,
            LastLines = link.Sink?.LastLines ?? [],
            Words = LastWords.Parse(link.Sink?.LastWords ?? []),
            Violation = violation,
            AtStart = !link.Ready.Task.IsCompletedSuccessfully,
            HeapLimitBytes = settings.ManagedHeapLimitBytes ?? 0,
            IsForeign = link.Dialect is not null,
            Limit = limits.EndByDeath(end),
            IsReplaced = settings.IsReplaced,
            KilledForMemory = killedForMemory,
        };
        if (calls.Waiting is { } call && link.Dialect?.HasBegun(call) == true)
            link.Owner.OnBegun(this, call, debuggerAttached: false);
        functions.End();
        if (!link.Ready.TrySetException(death.ToFailure(null)))
            link.Owner.OnLost(this, death.ToFailure);
    }

    /// <summary>A process that a foreign program has started may hold the channel open after its death.</summary>
    private static async Task EndChannelAsync(WorkerProcess process)
    {
        await process.Ended.ConfigureAwait(false);
        process.EndChannel();
    }

    /// <summary>A worker that closed its channel but lives on is of no use: it is killed.</summary>
    private async Task<(ProcessEnd End, string? Violation)> AwaitEndAsync(WorkerProcess process, string? violation)
    {
        if (violation is not null || await process.EndsWithinAsync(DeathBound, settings.Clock).ConfigureAwait(false))
            return (await process.Ended.ConfigureAwait(false), violation);
        process.Kill();
        ProcessEnd end = await process.Ended.ConfigureAwait(false);
        if (!WentOn(end))
            return (end, null);
        ProcessEvents.ChannelClosed(link.Log, link.Name, process.Id);
        return (end, "it closed its channel and went on");
    }

    /// <summary>Of a worker that was killed since it had not ended some time after its channel: on a busy machine it may have been about to. Then it ended in its own way.</summary>
    internal static bool WentOn(ProcessEnd end) => end is { ExitCode: null, Signal: null or Signals.Kill };
}
