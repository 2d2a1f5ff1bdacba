using Kernmantle.Tests.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;

namespace Kernmantle.Hosting.Tests.Health;

/// <summary>What the health check of a pool says, and why.</summary>
public sealed class PoolHealthTests
{
    private readonly FakeTimeProvider clock = new();

    [Fact]
    public async Task It_is_degraded_for_a_while_after_a_death_that_nobody_planned()
    {
        using IHost host = Create(static o => o.Workers = 1);
        Assert.Equal(HealthStatus.Unhealthy, (await host.HealthAsync("parsers")).Status);   // not ready yet
        await host.StartAsync();
        HealthReportEntry before = await host.HealthAsync("parsers");
        Assert.Equal((HealthStatus.Healthy, null), (before.Status, before.Description));
        Assert.Empty(Reasons(before));

        int process = await host.Pool("parsers").RunAsync(static () => Environment.ProcessId);
        ChildProcesses.Kill(process);
        HealthReportEntry after = before;
        await Hosts.UntilAsync(async () => (after = await host.HealthAsync("parsers")).Status == HealthStatus.Degraded, "It is not degraded.");
        Assert.Equal(["parsers-1 (pid " + process + ") died 0.0 s ago: Signal."], Reasons(after));
        Assert.Contains($"pid {process}", (string)after.Data["lastDeath"], StringComparison.Ordinal);
        Assert.Equal("Signal", after.Data["lastDeathReason"]);

        await Hosts.UntilAsync(() => Task.FromResult(host.Pool("parsers").Statistics.Workers == 1), "There is no worker in its place.");
        clock.Advance(TimeSpan.FromSeconds(9.9));
        Assert.Equal(HealthStatus.Degraded, (await host.HealthAsync("parsers")).Status);
        clock.Advance(TimeSpan.FromSeconds(0.1));
        Assert.Equal(HealthStatus.Healthy, (await host.HealthAsync("parsers")).Status);
        await host.StopAsync();
        Assert.Equal((HealthStatus.Unhealthy, "It ends, and takes no calls."), ((await host.HealthAsync("parsers")).Status, (await host.HealthAsync("parsers")).Description));
    }

    [Fact]
    public async Task A_crash_in_a_call_counts_and_a_kill_of_the_pool_s_own_does_not()
    {
        using IHost host = Create(static o => o.Workers = 1);
        await host.StartAsync();
        using (var source = new CancellationTokenSource())
        {
            Task endless = host.Pool("parsers").RunAsync(static token => WaitAsync(token), source.Token);
            await Hosts.UntilAsync(() => Task.FromResult(host.Pool("parsers").Statistics.Running == 1), "It does not run.");
            await source.CancelAsync();
            await Hosts.UntilAsync(() =>
            {
                clock.Advance(TimeSpan.FromSeconds(1));   // its grace
                return Task.FromResult(endless.IsCompleted);
            }, "It is not killed.");
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => endless);
        }
        Assert.Equal(HealthStatus.Healthy, (await host.HealthAsync("parsers")).Status);
        await Assert.ThrowsAsync<WorkerCrashedException>(() => host.Pool("parsers").RunAsync(static () => Environment.Exit(3)));
        Assert.Equal(HealthStatus.Degraded, (await host.HealthAsync("parsers")).Status);
        await host.StopAsync();
    }

    [Fact]
    public async Task Zero_means_that_deaths_do_not_matter()
    {
        using IHost host = Create(static o => (o.Workers, o.DegradedAfterDeath) = (1, TimeSpan.Zero));
        await host.StartAsync();
        await Assert.ThrowsAsync<WorkerCrashedException>(() => host.Pool("parsers").RunAsync(static () => Environment.Exit(3)));
        Assert.Equal(HealthStatus.Healthy, (await host.HealthAsync("parsers")).Status);
        await host.StopAsync();
    }

    [Fact]
    public async Task It_is_degraded_while_the_queue_is_nearly_full()
    {
        using var gate = new ManualResetEventSlim();
        using IHost host = Hosts.Create(static services => services.AddKernmantle().AddWorkerThreads("parsers", static o => (o.Workers, o.NearlyFull, o.Pool) = (1, 0.5, new() { QueueCapacity = 4 })));
        await host.StartAsync();
        WorkerPool pool = host.Pool("parsers");
        List<Task> calls = [pool.RunAsync(() => gate.Wait())];
        await Hosts.UntilAsync(() => Task.FromResult(pool.Statistics.Running == 1), "It does not run.");
        calls.Add(pool.RunAsync(static () => { }));
        Assert.Equal(HealthStatus.Healthy, (await host.HealthAsync("parsers")).Status);
        calls.Add(pool.RunAsync(static () => { }));
        HealthReportEntry full = await host.HealthAsync("parsers");
        Assert.Equal((HealthStatus.Degraded, "The queue is nearly full: 2 of 4 calls."), (full.Status, full.Description));
        gate.Set();
        await Task.WhenAll(calls);
        Assert.Equal(HealthStatus.Healthy, (await host.HealthAsync("parsers")).Status);
        await host.StopAsync();
    }

    [Fact]
    public async Task It_is_unhealthy_when_the_pool_is_broken_and_says_when_it_goes_on()
    {
        string gate = Path.Combine(Directory.CreateTempSubdirectory("kernmantle-health-").FullName, "gate");
        using IHost host = Create(o => (o.Workers, o.Pool) = (1, new() { RestartLimit = 0, OnWorkerStart = (Action)(() => ExitIf(gate)) }));
        await host.StartAsync();
        await File.WriteAllTextAsync(gate, "");
        await Assert.ThrowsAsync<WorkerCrashedException>(() => host.Pool("parsers").RunAsync(static () => Environment.Exit(3)));
        await Hosts.UntilAsync(async () => (await host.HealthAsync("parsers")).Status == HealthStatus.Unhealthy, "It is not unhealthy.");
        HealthReportEntry broken = await host.HealthAsync("parsers");
        Assert.Contains("Pool parsers has given up", broken.Description, StringComparison.Ordinal);
        Assert.Contains("It tries a worker again at", Reasons(broken)[0], StringComparison.Ordinal);
        Assert.Equal("Broken", broken.Data["state"]);
        File.Delete(gate);
        clock.Advance(TimeSpan.FromSeconds(1));
        await Hosts.UntilAsync(() => Task.FromResult(host.Pool("parsers").State == PoolState.Running), "It does not heal.");
        await host.StopAsync();
    }

    [Fact]
    public async Task It_is_unhealthy_when_the_last_worker_has_gone_and_the_next_one_hangs_at_its_start()
    {
        string gate = Path.Combine(Directory.CreateTempSubdirectory("kernmantle-health-").FullName, "gate");
        using IHost host = Create(o => (o.Workers, o.DegradedAfterDeath, o.Pool) = (1, TimeSpan.FromSeconds(5), new() { OnWorkerStart = (Func<Task>)(() => HangIf(gate)) }));
        await host.StartAsync();
        await File.WriteAllTextAsync(gate, "");
        await Assert.ThrowsAsync<WorkerCrashedException>(() => host.Pool("parsers").RunAsync(static () => Environment.Exit(3)));
        Assert.Equal(HealthStatus.Degraded, (await host.HealthAsync("parsers")).Status);
        clock.Advance(TimeSpan.FromSeconds(10));   // less than a start may take
        HealthReportEntry vacant = await host.HealthAsync("parsers");
        Assert.Equal((HealthStatus.Unhealthy, "It has had no worker for 10 s or longer: calls only wait."), (vacant.Status, vacant.Description));
        Assert.Equal((nameof(PoolState.Degraded), 0), (vacant.Data["state"], vacant.Data["workers"]));
        File.Delete(gate);
        await Hosts.UntilAsync(
            async () =>
            {
                clock.Advance(TimeSpan.FromSeconds(1));   // the start that hangs is given up, and there is another one
                return (await host.HealthAsync("parsers")).Status == HealthStatus.Healthy;
            },
            "It does not become healthy again.");
        await host.StopAsync();
    }

    private IHost Create(Action<HostedPoolOptions<ProcessPoolOptions>> configure) =>
        Hosts.Create(services => services.AddSingleton<TimeProvider>(clock).AddKernmantle().AddProcessPool("parsers", configure));

    private static List<string> Reasons(HealthReportEntry entry) => Assert.IsType<List<string>>(entry.Data["reasons"]);

    private static void ExitIf(string file)
    {
        if (File.Exists(file))
            Environment.Exit(7);
    }

    private static Task HangIf(string file) => File.Exists(file) ? Task.Delay(Timeout.Infinite) : Task.CompletedTask;

    private static Task WaitAsync(CancellationToken ignored)
    {
        _ = ignored;
        return Task.Delay(Timeout.Infinite, CancellationToken.None);
    }
}
