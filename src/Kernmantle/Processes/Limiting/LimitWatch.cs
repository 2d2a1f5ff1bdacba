using Kernmantle.Calls;
using Kernmantle.Processes.Limiting.ControlGroups;

namespace Kernmantle.Processes.Limiting;

/// <summary>
/// The one timer of a pool that looks at the workers whose calls have limits: sooner the nearer one is to a limit, and not at all while no
/// such call runs. Thread-safe.
/// </summary>
internal sealed class LimitWatch(TimeProvider clock, IReadOnlyDictionary<string, GroupPlace> places) : IDisposable
{
    private readonly Lock gate = new();
    private readonly List<WorkerLimits> watched = [];
    private ITimer? timer;
    private bool disposed;

    public IReadOnlyDictionary<string, GroupPlace> Places => places;

    public void Begin(WorkerLimits worker, Call call)
    {
        worker.Begin(call);
        lock (gate)
        {
            if (disposed)
                return;
            watched.Add(worker);
            timer ??= clock.CreateTimer(static state => ((LimitWatch)state!).Look(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            timer.Change(TimeSpan.Zero, Timeout.InfiniteTimeSpan);   // the first look says when the next one is due
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
            now = [.. watched];
        foreach (WorkerLimits worker in now)
            worker.Look();
        lock (gate)
        {
            if (!disposed && watched.Count > 0)
                timer!.Change(watched.Min(static w => w.Due), Timeout.InfiniteTimeSpan);
        }
    }
}
