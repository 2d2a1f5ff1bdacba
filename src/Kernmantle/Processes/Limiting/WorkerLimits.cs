using Kernmantle.Calls;
using Kernmantle.Processes.Launch.Native;
using Kernmantle.Processes.Limiting.ControlGroups;

namespace Kernmantle.Processes.Limiting;

/// <summary>
/// Holds one worker to the limits of the call it runs. What the kernel enforces is set before the call is sent and lifted after its end;
/// what it does not is looked at by the pool's <see cref="LimitWatch"/> meanwhile.
/// </summary>
internal sealed class WorkerLimits : IDisposable
{
    /// <summary>The kernel's own limit on processor time is this much later: it ends the worker where the host does not get to look.</summary>
    private static readonly TimeSpan CpuReserve = TimeSpan.FromSeconds(2);

    /// <summary>A worker fills memory no faster than this, in bytes per millisecond: the pages must be cleared.</summary>
    private const long FillRate = 4 << 20;

    private const int LongestMilliseconds = 50;

    private readonly Lock gate = new();
    private readonly ProcessGauges gauges;
    private readonly WorkerGroup? group;
    private readonly Func<Call, CallClock> clockOf;
    private readonly TimeSpan transferTimeout;
    private readonly Action<Call, LimitReached> onReached;
    private Call? call;
    private Limits limits = new();
    private TimeSpan cpuBefore;
    private long memoryBefore;
    private bool clockRuns;
    private long killsBefore;
    private long refusalsBefore;
    private long output;
    private bool prepared;
    private LimitReached? reached;   // and said: whichever comes first, that or the call's own end, the call fails so

    /// <param name="processId">The worker, which is ready.</param>
    /// <param name="places">Where control groups can be made.</param>
    /// <param name="clockOf">When the begun call's function was called: its processor time counts from there.</param>
    /// <param name="transferTimeout">How long what comes before that may take.</param>
    /// <param name="onReached">Is told, on any thread, of a limit that the call has reached.</param>
    /// <exception cref="IOException">The system refuses a control group.</exception>
    /// <exception cref="UnauthorizedAccessException">The system refuses a control group.</exception>
    public WorkerLimits(int processId, IReadOnlyDictionary<string, GroupPlace> places, Func<Call, CallClock> clockOf, TimeSpan transferTimeout, Action<Call, LimitReached> onReached)
    {
        this.clockOf = clockOf;
        this.transferTimeout = transferTimeout;
        this.onReached = onReached;
        gauges = new(processId);
        group = places.Count == 0 ? null : new(processId, places);
    }

    public ProcessGauges Gauges => gauges;

    /// <summary>A call with limits has been sent, and has not ended.</summary>
    public bool IsActive => Volatile.Read(ref prepared);

    /// <summary>When to look next.</summary>
    public TimeSpan Due { get; private set; }

    /// <summary>Before the call is sent.</summary>
    /// <exception cref="IOException">The system refused a limit; the message is its own.</exception>
    /// <exception cref="System.ComponentModel.Win32Exception">The system refused a limit; the message is its own.</exception>
    public void Prepare(Limits its)
    {
        lock (gate)
        {
            (limits, call, reached, output) = (its, null, null, 0);
            killsBefore = group?.MemoryKills() ?? 0;
            refusalsBefore = group?.Refusals() ?? 0;
            Volatile.Write(ref prepared, true);
        }
        if (its.OpenFiles is { } files)
            gauges.SetLimit(LibC.LimitOpenFiles, (ulong)files);
        if (its.CpuTime is { } cpu)
            LimitCpu(cpu, transferTimeout == Timeout.InfiniteTimeSpan ? TimeSpan.FromDays(1) : transferTimeout);
        if (group?.Has(GroupPlaces.Memory) == true)
            group.LimitMemory(its.MemoryBytes);
        if (group?.Has(GroupPlaces.Processes) == true)
            group.LimitProcesses(its.Processes);
    }

    /// <summary>The call has begun.</summary>
    public void Begin(Call begun)
    {
        lock (gate)
        {
            call = begun;
            cpuBefore = CpuTime();
            memoryBefore = limits.MemoryBytes is null ? 0 : gauges.ResidentBytes();
            clockRuns = false;
        }
    }

    /// <summary>The call has ended: what it has reached, and nothing is limited any more.</summary>
    public LimitReached? End()
    {
        lock (gate)
        {
            LimitReached? its = call is null ? null : reached ?? Refused();
            call = null;
            Volatile.Write(ref prepared, false);
            return its;
        }
    }

    /// <summary>After <see cref="End"/>: lifts what the kernel was told.</summary>
    public void Lift()
    {
        if (limits.OpenFiles is not null)
            gauges.SetLimit(LibC.LimitOpenFiles, null);
        if (limits.CpuTime is not null)
            gauges.SetLimit(LibC.LimitCpu, null);
        if (limits.MemoryBytes is not null && group?.Has(GroupPlaces.Memory) == true)
            group.LimitMemory(null);
        if (limits.Processes is not null && group?.Has(GroupPlaces.Processes) == true)
            group.LimitProcesses(null);
    }

    /// <summary>Looks at what the kernel does not enforce, or enforces without telling; and decides when to look again.</summary>
    public void Look()
    {
        Call reachedBy;
        LimitReached now;
        lock (gate)
        {
            if (call is null || reached is not null)
            {
                Due = TimeSpan.FromMilliseconds(LongestMilliseconds);
                return;
            }
            reached = Measure() ?? Refused();
            if (reached is null)
                return;
            (reachedBy, now) = (call, reached);
        }
        onReached(reachedBy, now);
    }

    /// <summary>Text has arrived from the worker.</summary>
    public void AddOutput(int bytes)
    {
        Call reachedBy;
        LimitReached now;
        lock (gate)
        {
            if (call is null || reached is not null || limits.OutputBytes is not { } limit || (output += bytes) <= limit)
                return;
            reached = new(LimitKind.Output, limit, output);
            (reachedBy, now) = (call, reached);
        }
        onReached(reachedBy, now);
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
            if (call is null)
                return null;
            if (reached is not null)
                return reached;
            if (signal == SigKill && limits.MemoryBytes is { } memory && group?.MemoryKills() > killsBefore)
                return new(LimitKind.Memory, memory, group.PeakMemory()) { Before = memoryBefore };
            if (signal == SigXcpu && limits.CpuTime is { } cpu)
                return new(LimitKind.CpuTime, cpu.Ticks, Math.Max(cpu.Ticks, ((group?.CpuTime() ?? cpuTime) - cpuBefore).Ticks));
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

    /// <summary>Whether processor time counts now. At the start of the function what came before is left out of it.</summary>
    private bool FunctionRuns(TimeSpan cpu)
    {
        CallClock clock = clockOf(call!);
        if (!clock.Runs || clockRuns)
            return clock.Runs;
        clockRuns = true;
        TimeSpan soFar = CpuTime() - cpuBefore;
        cpuBefore += clock.CpuBefore < soFar ? clock.CpuBefore : soFar;   // the worker says; more than it has used it cannot have
        try
        {
            LimitCpu(cpu, TimeSpan.Zero);
        }
        catch (Exception e) when (e is IOException or System.ComponentModel.Win32Exception)
        {
            // It has just ended, which is told otherwise; else the limit with more room, set before the call was sent, stays.
        }
        return true;
    }

    private void LimitCpu(TimeSpan cpu, TimeSpan before) =>
        gauges.SetLimit(LibC.LimitCpu, (ulong)Math.Ceiling((gauges.CpuTime() + before + cpu + CpuReserve).TotalSeconds));

    private TimeSpan CpuTime() => group?.CpuTime() ?? gauges.CpuTime();

    private LimitReached? Measure()
    {
        double next = LongestMilliseconds;
        if (limits.MemoryBytes is { } memory)
        {
            long used = gauges.ResidentBytes();
            if (used > memory)
                return new(LimitKind.Memory, memory, used) { Before = memoryBefore };
            next = Math.Min(next, (memory - used) / (double)FillRate);
        }
        if (limits.CpuTime is { } cpu && FunctionRuns(cpu))
        {
            TimeSpan used = CpuTime() - cpuBefore;
            if (used > cpu)
                return new(LimitKind.CpuTime, cpu.Ticks, used.Ticks);
            next = Math.Min(next, (cpu - used).TotalMilliseconds / Environment.ProcessorCount);
        }
        Due = TimeSpan.FromMilliseconds(Math.Max(1, next));
        return null;
    }

    private LimitReached? Refused() => limits.Processes is { } processes && group is not null && group.Refusals() > refusalsBefore
        ? new(LimitKind.Processes, processes, group.Processes())
        : null;
}
