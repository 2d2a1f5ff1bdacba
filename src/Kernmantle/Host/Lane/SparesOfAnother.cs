using Kernmantle.Host.Launch;
using Kernmantle.Logging.Events;
using Kernmantle.Scheduling;
using Microsoft.Extensions.Logging;

namespace Kernmantle.Host.Lane;

/// <summary>
/// The spares of another pool, which a pool takes as its workers instead of starting them. A spare has run nothing of the program's: no call, no <c>OnWorkerStart</c> (a pool that has one
/// gives none away), no start-up hook. Its process is taken, and nothing else: it gets rings and a doorbell of its new pool, and is greeted anew; what the other pool had for it is gone.
/// </summary>
/// <param name="donor">Whose.</param>
/// <param name="log">Of the pool that takes.</param>
internal sealed class SparesOfAnother(Scheduler donor, ILogger log)
{
    private int told;

    /// <summary>A worker that is like one that would be started now; it has the rings of <paramref name="request"/>, and waits for its greeting. Null: there is none.</summary>
    public async Task<WorkerProcess?> TryTakeAsync(LaunchRequest request)
    {
        if (request.Shared is not { } shared)
            return null;
        LaunchCommand wanted = LaunchCommand.Of(request);
        string? difference = null;
        while (donor.Spares.GiveAway(Fits) is ProcessPoolWorker spare)
        {
            if (await spare.GiveAwayAsync().ConfigureAwait(false) is not { } process)
                continue;
            if (shared.TryHandTo(process.Channel.SafeHandle))
                return process;
            await process.DisposeAsync().ConfigureAwait(false);
        }
        if (difference is not null && Interlocked.Exchange(ref told, 1) == 0)
            ProcessEvents.SpareDiffers(log, request.WorkerName, donor.Options.Name, difference);
        return null;

        bool Fits(PoolWorker worker) =>
            worker is ProcessPoolWorker { StartedWith: { RunsHooks: false } started } && (difference = started.DifferenceFrom(wanted)) is null;
    }
}
