using Kernmantle.Host.Limiting.ControlGroups;

namespace Kernmantle.Host.Limiting;

/// <summary>
/// The one timer of a pool that looks at the workers whose calls have limits: sooner the nearer one is to a limit, and not at all while there is no
/// such call. Thread-safe.
/// </summary>
internal sealed class LimitWatch(TimeProvider clock, IReadOnlyDictionary<string, GroupPlace> places) : IDisposable
{
    private readonly Lock gate = new();
    private readonly HashSet<WorkerLimits> watched = [];
    private ITimer? timer;
    private long nextLook = long.MaxValue;
    private bool disposed;

    public IReadOnlyDictionary<string, GroupPlace> Places => places;

    /// <summary>The worker is to get a call.</summary>
    public void Begin(WorkerLimits worker)
    {
        lock (gate)
        {
            if (disposed)
                return;
            watched.Add(worker);
            LookAfter(worker.Due);
        }
    }

    public void End(WorkerLimits worker)
    {
        lock (gate)
            watched.Remove(worker);
    }

    public void Dispose()
    {
        lock (gate)
        {
            disposed = true;
            timer?.Dispose();
        }
    }

    private void Look()
    {
        WorkerLimits[] now;
        lock (gate)
        {
            now = [.. watched];
            nextLook = long.MaxValue;
        }
        foreach (WorkerLimits worker in now)
        {
            bool goesOn = worker.Look();
            lock (gate)
            {
                if (!goesOn && !worker.IsActive)   // it may have got another call meanwhile
                    watched.Remove(worker);
            }
        }
        lock (gate)
        {
            if (!disposed && watched.Count > 0)
                LookAfter(watched.Min(static w => w.Due));
        }
    }

    /// <summary>Calls come and go much more often than the timer need be told of.</summary>
    private void LookAfter(TimeSpan due)
    {
        long at = clock.GetTimestamp() + (long)(due.TotalSeconds * clock.TimestampFrequency);
        if (at >= nextLook)
            return;
        nextLook = at;
        timer ??= clock.CreateTimer(static state => ((LimitWatch)state!).Look(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        timer.Change(due, Timeout.InfiniteTimeSpan);
    }
}
