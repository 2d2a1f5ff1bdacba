using System.Diagnostics;
using Kernmantle.Chaos.Plans;
using Kernmantle.Chaos.Workers;
using Microsoft.Extensions.Logging;

namespace Kernmantle.Chaos.Calls;

/// <summary>One pool from its creation to its end, and the file that its workers write to.</summary>
internal sealed class PoolRun : IDisposable
{
    private long endAsked;
    private volatile bool hasEnded;

    public PoolRun(PoolPlan plan, ILoggerFactory log)
    {
        Log = log;
        Plan = plan;
        File.WriteAllBytes(BegunPath, []);
        Pool = WorkerPool.Processes(plan.Workers, plan.Options);
    }

    public string Name => Plan.Options.Name;

    public ILoggerFactory Log { get; }

    public PoolPlan Plan { get; }

    public WorkerPool Pool { get; }

    public string BegunPath => Plan.Options.Environment[BegunLog.Variable]!;

    /// <summary>When its disposal was begun; 0: not yet.</summary>
    public long EndAsked => Volatile.Read(ref endAsked);

    public bool IsEnding => EndAsked != 0;

    /// <summary>From here on no call may begin that comes.</summary>
    public bool HasEnded => hasEnded;

    /// <summary>Begins the end, or waits for the one that has begun.</summary>
    public Task EndAsync(bool drain)
    {
        Interlocked.CompareExchange(ref endAsked, Stopwatch.GetTimestamp(), 0);
        Task end = drain ? Pool.DisposeAsync().AsTask() : Pool.KillAsync();
        hasEnded = true;
        return end;
    }

    public void Dispose() => File.Delete(BegunPath);
}
