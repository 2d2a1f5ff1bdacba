using System.Globalization;
using Kernmantle.Hosting.Pools;
using Kernmantle.Scheduling;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Kernmantle.Hosting.Health;

/// <summary>
/// Unhealthy: calls fail, or there is nobody to run them. Degraded: calls are taken, but a worker died a short while ago, or the queue is nearly full. Workers that the pool itself ended, for a timeout, a limit, their age,
/// are no reason: that is what it is for.
/// </summary>
internal sealed class PoolHealthCheck(HostedPool pool, IServiceProvider services) : IHealthCheck
{
    /// <summary>A worker in the place of another one is there sooner: only where the only one was replaced, nobody takes calls meanwhile.</summary>
    private static readonly TimeSpan LongVacancy = TimeSpan.FromSeconds(10);

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        Scheduler scheduler = pool.SchedulerIn(services);
        PoolStatistics statistics = scheduler.Statistics;
        PoolState state = scheduler.State;
        var data = new Dictionary<string, object>
        {
            ["state"] = state.ToString(),
            ["workers"] = statistics.Workers,
            ["running"] = statistics.Running,
            ["queued"] = statistics.Queued,
            ["queueCapacity"] = scheduler.Options.QueueCapacity,
            ["replaced"] = statistics.Replaced,
        };
        string? down = state switch
        {
            PoolState.Broken => scheduler.Broken?.Message ?? "It was broken a moment ago.",
            PoolState.Starting => "Its workers are not ready yet.",
            PoolState.Draining or PoolState.Disposed => "It ends, and takes no calls.",
            PoolState.Degraded when scheduler.Vacancy >= LongVacancy => $"It has had no worker for {LongVacancy.TotalSeconds} s or longer: calls only wait.",
            _ => null,
        };
        List<string> reasons = [.. down is null ? [] : (string[])[down], .. Strains(scheduler, data)];
        data["reasons"] = reasons;
        HealthStatus status = down is not null ? context.Registration.FailureStatus : reasons.Count > 0 ? HealthStatus.Degraded : HealthStatus.Healthy;
        return Task.FromResult(new HealthCheckResult(status, reasons.Count == 0 ? null : string.Join(" ", reasons), data: data));
    }

    private IEnumerable<string> Strains(Scheduler scheduler, Dictionary<string, object> data)
    {
        (TimeSpan afterDeath, double nearlyFull) = pool.HealthIn(services);
        if (scheduler.Records.LastDeath is { } death && scheduler.Clock.GetElapsedTime(death.At) is var since && since < afterDeath)
        {
            data["lastDeath"] = death.Message;
            data["lastDeathReason"] = death.Reason;
            data["lastDeathSecondsAgo"] = Math.Round(since.TotalSeconds, 1);
            yield return string.Create(CultureInfo.InvariantCulture, $"{death.Worker} (pid {death.ProcessId}) died {since.TotalSeconds:F1} s ago: {death.Reason}.");
        }
        int capacity = scheduler.Options.QueueCapacity, queued = scheduler.Dispatcher.Queued;
        if (queued >= capacity * nearlyFull || scheduler.Admission.AnyWaits)
            yield return string.Create(CultureInfo.InvariantCulture, $"The queue is nearly full: {queued} of {capacity} calls.");
    }
}
