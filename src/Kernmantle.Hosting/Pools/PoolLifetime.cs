using Kernmantle.Hosting.Configuration;
using Kernmantle.Scheduling;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Kernmantle.Hosting.Pools;

/// <summary>
/// The pools of a host, from before its first service starts until after its last one has stopped. A server is such a service: when it takes requests all workers are ready, and what it answers while
/// it stops may still call them. Then calls finish within what is left of the host's <c>ShutdownTimeout</c>, and no new ones are taken.
/// </summary>
internal sealed class PoolLifetime(PoolList pools, IServiceProvider services) : IHostedLifecycleService
{
    private Scheduler[] running = [];

    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        string[] mistakes = [.. PoolSections.UnknownIn(services, pools), .. pools.MissingOnes()];
        if (mistakes.Length > 0)
            throw new OptionsValidationException(PoolSections.Root, typeof(KernmantleBuilder), mistakes);
        running = [.. pools.All.Select(pool => pool.SchedulerIn(services))];
        try
        {
            await Task.WhenAll(pools.All.Zip(running, (pool, scheduler) => StartAsync(pool, scheduler, cancellationToken))).ConfigureAwait(false);
        }
        catch
        {
            await StoppedAsync(new CancellationToken(canceled: true)).ConfigureAwait(false);   // the host does not stop what it could not start
            throw;
        }
    }

    private async Task StartAsync(HostedPool pool, Scheduler scheduler, CancellationToken cancellationToken)
    {
        await scheduler.Supervisor.StartAsync(cancellationToken).ConfigureAwait(false);
        foreach (Delegate function in pool.WarmUpIn(services))
            await scheduler.Kind.WarmAsync(function).WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>The token is cancelled when the host's <c>ShutdownTimeout</c> is over.</summary>
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.WhenAll(running.Select(pool => pool.Shutdown.StopAsync(cancellationToken)));
}
