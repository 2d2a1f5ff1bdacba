using System.ComponentModel;
using System.Diagnostics;
using Kernmantle.Functions;
using Kernmantle.Host.Limiting.ControlGroups;
using Kernmantle.Platform.Linux;
using Kernmantle.Scheduling.Calls;

namespace Kernmantle.Host.Limiting;

/// <summary>What a worker says of a call that it has, and what is done with what is found.</summary>
/// <param name="HasBegun">It has begun the call, and not ended it. The call's object may be another call by now.</param>
/// <param name="Runs">Its function runs: not what comes before and after it.</param>
/// <param name="OnReached">Is told, on any thread, of a limit that the call of that number has reached.</param>
/// <param name="OnNotLifted">Is told why the system did not lift a limit.</param>
internal sealed record LimitedWorker(Func<Call, bool> HasBegun, Func<Call, bool> Runs, Action<Call, long, LimitReached> OnReached, Action<Exception> OnNotLifted);

/// <summary>
/// Holds one worker to the limits of the call it runs. What the kernel enforces is set before the call is sent, and stays for the next call if that has the same limits:
/// it is lifted for one that has none, and once the worker is seen with no such call (that of open files at once). What the kernel does not enforce is looked at by the pool's <see cref="LimitWatch"/>
/// meanwhile: processor time counts from the first look at which the function runs, so that a call which ends before costs no system call for it. Thread-safe; one call at a
/// time.
/// </summary>
internal sealed class WorkerLimits : IDisposable
{
    /// <summary>The kernel's own limit on processor time is this much later: it ends the worker where the host does not get to look.</summary>
    private static readonly TimeSpan CpuReserve = TimeSpan.FromSeconds(2);

    /// <summary>So much later again, so that calls which use little need not tell the kernel anew: for as long as all processors together have no more time than that.</summary>
    private static readonly TimeSpan CpuSlack = TimeSpan.FromSeconds(1);

    /// <summary>The first look at the function comes within this part of its processor time.</summary>
    private const int FirstLook = 4;

    /// <summary>A worker fills memory no faster than this, in bytes per millisecond: the pages must be cleared.</summary>
    private const long FillRate = 4 << 20;

    private const int LongestMilliseconds = 50;

    /// <summary>Held while the kernel is told; <see cref="gate"/> is taken inside of it.</summary>
    private readonly Lock telling = new();

    private readonly Lock gate = new();
    private readonly ProcessGauges gauges;
    private readonly WorkerGroup? group;
    private readonly LimitedWorker worker;
    private readonly TimeSpan transferTimeout;
    private Call? call;
    private long callId;
    private Limits limits = new();
    private TimeSpan? cpuBefore;
    private (TimeSpan Limit, TimeSpan Used, long At) cpuTold;
    private long memoryBefore;
    private long killsBefore;
    private long refusalsBefore;
    private long output;
    private bool seen;
    private volatile bool anyInForce;
    private LimitReached? reached;   // and said: whichever comes first, that or the call's own end, the call fails so

    /// <param name="processId">The worker, which is ready.</param>
    /// <param name="places">Where control groups can be made.</param>
    /// <param name="transferTimeout">How long what comes before the function may take.</param>
    /// <param name="worker">The same worker, as its host knows it.</param>
    /// <exception cref="IOException">The system refuses a control group.</exception>
    /// <exception cref="UnauthorizedAccessException">The system refuses a control group.</exception>
    public WorkerLimits(int processId, IReadOnlyDictionary<string, GroupPlace> places, TimeSpan transferTimeout, LimitedWorker worker)
    {
        this.worker = worker;
        this.transferTimeout = transferTimeout;
        gauges = new(processId);
        group = places.Count == 0 ? null : new(processId, places);
        killsBefore = group?.MemoryKills() ?? 0;
    }

    /// <summary>A call with limits has been sent, and has not ended.</summary>
    public bool IsActive => Volatile.Read(ref call) is not null;

    /// <summary>How long from now to look next.</summary>
    public TimeSpan Due { get; private set; }

    /// <summary>Before the call is sent. False: what its worker holds already is more than the call may, and earlier calls are to blame for that.</summary>
    /// <exception cref="IOException">The system refused a limit; the message is its own.</exception>
    /// <exception cref="UnauthorizedAccessException">The same.</exception>
    /// <exception cref="Win32Exception">The same.</exception>
    public bool TryPrepare(Call next, Limits its, bool isFirst)
    {
        lock (telling)
        {
            long resident = its.MemoryBytes is null ? 0 : gauges.ResidentBytes();
            if (!isFirst && resident > its.MemoryBytes)
                return false;
            TellKernel(its);
            lock (gate)
            {
                (limits, callId, reached, output, seen, cpuBefore, memoryBefore) = (its, next.Id, null, 0, false, null, resident);
                if (its.Processes is not null)
                    refusalsBefore = group?.Refusals() ?? 0;
                Due = NextLook(resident, its.CpuTime / FirstLook);
                Volatile.Write(ref call, next);
            }
            return true;
        }
    }

    /// <summary>The call has ended: what it has reached.</summary>
    public LimitReached? End()
    {
        LimitReached? its;
        lock (gate)
        {
            its = call is null ? null : reached ?? Refused();
            call = null;
            if (seen)   // not at the first look at the next one: that may come after the kill that ended it
                killsBefore = group?.MemoryKills() ?? 0;
        }
        if (limits.OpenFiles is not null)
            Try(() => gauges.SetLimit(LibC.LimitOpenFiles, null));   // what opens files between two calls is the runtime, for itself
        return its;
    }

    /// <summary>A call without limits is sent next: whichever was here is not any more.</summary>
    public void Lift()
    {
        if (!anyInForce)
            return;
        lock (telling)
        {
            lock (gate)
                call = null;
            LiftNow();
        }
    }

    /// <summary>Looks at what the kernel does not enforce, or enforces without telling; and decides when to look again. False: there is nothing to look at until the next call.</summary>
    public bool Look()
    {
        (Call Call, long Id, LimitReached What)? found = null;
        bool active;
        lock (gate)
        {
            Due = TimeSpan.FromMilliseconds(LongestMilliseconds);
            if (call?.Id != callId)
                call = null;   // it was taken back, and has ended elsewhere
            active = call is not null;
            if (call is not null && reached is null && worker.HasBegun(call) && (reached = Measure() ?? Refused()) is not null)
                found = (call, callId, reached);
        }
        if (found is { } it)
            worker.OnReached(it.Call, it.Id, it.What);
        else if (!active)
            LiftIfIdle();
        return active;
    }

    /// <summary>Text has arrived from the worker.</summary>
    public void AddOutput(int bytes)
    {
        Call reachedBy;
        LimitReached now;
        long id;
        lock (gate)
        {
            if (call is null || reached is not null || limits.OutputBytes is not { } limit || (output += bytes) <= limit)
                return;
            reached = new(LimitKind.Output, limit, output);
            (reachedBy, id, now) = (call, callId, reached);
        }
        worker.OnReached(reachedBy, id, now);
    }

    /// <summary>The failure as the worker tells it is one of a limit.</summary>
    public LimitReached? Explain(RemoteFailure failure)
    {
        if (limits.OpenFiles is not { } files)
            return null;
        for (RemoteFailure? each = failure; each is not null; each = each.Inner)
        {
            // The text of EMFILE: exceptions cross as data, and .NET has no type of its own for it.
            if (each.Message.Contains("Too many open files", StringComparison.OrdinalIgnoreCase))
                return new(LimitKind.OpenFiles, files, gauges.OpenFiles());
        }
        return null;
    }

    /// <summary>The worker has died, by this signal if by one: whether that was for a limit.</summary>
    public LimitReached? ExplainDeath(int? signal, TimeSpan cpuTime)
    {
        const int SigKill = 9, SigXcpu = 24;
        lock (gate)
        {
            if (call is null || !worker.HasBegun(call))
                return null;
            if (reached is not null)
                return reached;
            if (signal == SigKill && limits.MemoryBytes is { } memory && group?.MemoryKills() > killsBefore)
                return new(LimitKind.Memory, memory, group.PeakMemory()) { Before = memoryBefore };
            if (signal == SigXcpu && limits.CpuTime is { } cpu)
            {
                TimeSpan used = cpuBefore is { } before ? (group?.CpuTime() ?? cpuTime) - before : cpuTime - cpuTold.Used;
                return new(LimitKind.CpuTime, cpu.Ticks, Math.Max(cpu.Ticks, used.Ticks));
            }
            return Refused();
        }
    }

    /// <summary>The control groups go once the worker has ended. False: something that it started is still dying.</summary>
    public bool TryRemoveGroup() => group?.TryRemove() ?? true;

    public void Dispose()
    {
        gauges.Dispose();
        group?.Dispose();
    }

    /// <summary>The kernel has killed in the worker's own group for want of memory, be the limit the group's own or that of one above it.</summary>
    public bool WasKilledForMemory => group?.MemoryKills() > killsBefore;

    private void LiftIfIdle()
    {
        lock (telling)
        {
            if (!IsActive)
                LiftNow();
        }
    }

    private void LiftNow() => Try(() =>
    {
        TellKernel(null);
        killsBefore = group?.MemoryKills() ?? 0;
    });

    private void Try(Action lift)
    {
        try
        {
            lift();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or Win32Exception)
        {
            worker.OnNotLifted(e);
        }
    }

    /// <summary>What is in force already costs nothing.</summary>
    private void TellKernel(Limits? its)
    {
        anyInForce = true;
        gauges.SetLimit(LibC.LimitOpenFiles, (ulong?)its?.OpenFiles);
        if (its?.CpuTime is not { } cpu)
        {
            gauges.SetLimit(LibC.LimitCpu, null);
            cpuTold = default;
        }
        else if (cpu != cpuTold.Limit || Stopwatch.GetElapsedTime(cpuTold.At) * Environment.ProcessorCount > CpuSlack)
        {
            cpuTold = (cpu, gauges.CpuTime(), Stopwatch.GetTimestamp());
            LimitCpu(cpu + (transferTimeout == Timeout.InfiniteTimeSpan ? TimeSpan.FromDays(1) : transferTimeout) + CpuSlack);
        }
        if (group?.Has(GroupPlaces.Memory) == true)
            group.LimitMemory(its?.MemoryBytes);
        if (group?.Has(GroupPlaces.Processes) == true)
            group.LimitProcesses(its?.Processes);
        anyInForce = its is not null;
    }

    /// <summary>From now on processor time counts.</summary>
    private void StartCounting(TimeSpan cpu)
    {
        cpuBefore = CpuTime();
        try
        {
            LimitCpu(cpu);
            cpuTold = default;   // the next call has more room again
        }
        catch (Exception e) when (e is IOException or Win32Exception)
        {
            // It has just ended, which is told otherwise; else the limit with more room, set before the call was sent, stays.
        }
    }

    private void LimitCpu(TimeSpan room) => gauges.SetLimit(LibC.LimitCpu, (ulong)Math.Ceiling((gauges.CpuTime() + room + CpuReserve).TotalSeconds));

    private TimeSpan CpuTime() => group?.CpuTime() ?? gauges.CpuTime();

    private LimitReached? Measure()
    {
        long resident = 0;
        if (limits.MemoryBytes is { } memory)
        {
            seen = true;
            resident = gauges.ResidentBytes();
            if (resident > memory)
                return new(LimitKind.Memory, memory, resident) { Before = memoryBefore };
        }
        TimeSpan? left = limits.CpuTime / FirstLook;
        if (limits.CpuTime is { } cpu && worker.Runs(call!))
        {
            if (cpuBefore is null)
                StartCounting(cpu);
            TimeSpan used = CpuTime() - cpuBefore!.Value;
            if (used > cpu)
                return new(LimitKind.CpuTime, cpu.Ticks, used.Ticks);
            left = cpu - used;
        }
        Due = NextLook(resident, left);
        return null;
    }

    /// <summary>The sooner the nearer it is to a limit.</summary>
    private TimeSpan NextLook(long resident, TimeSpan? cpuLeft)
    {
        double next = LongestMilliseconds;
        if (limits.MemoryBytes is { } memory)
            next = Math.Min(next, (memory - resident) / (double)FillRate);
        if (cpuLeft is { } left)
            next = Math.Min(next, left.TotalMilliseconds / Environment.ProcessorCount);
        return TimeSpan.FromMilliseconds(Math.Max(1, next));
    }

    private LimitReached? Refused() => limits.Processes is { } processes && group is not null && group.Refusals() > refusalsBefore
        ? new(LimitKind.Processes, processes, group.Processes())
        : null;
}
