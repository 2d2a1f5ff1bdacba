using Kernmantle.Tests.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Kernmantle.Hosting.Tests.Lifetime;

/// <summary>From before the first service starts until after the last one has stopped.</summary>
public sealed class PoolLifetimeTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Services_find_ready_workers_when_they_start_and_may_call_while_they_stop(bool addedFirst)
    {
        var service = new Caller();
        using IHost host = Hosts.Create(services =>
        {
            if (addedFirst)
                services.AddSingleton<IHostedService>(service);
            services.AddKernmantle().AddProcessPool("parsers", static o =>
            {
                o.Workers = 2;
                o.WarmUp.Add(Square);
            });
            if (!addedFirst)
                services.AddSingleton<IHostedService>(service);
        });
        service.Pool = host.Pool("parsers");
        await host.StartAsync();
        Assert.Equal((PoolState.Running, 2), service.AtStart);
        await host.StopAsync();
        Assert.Equal(49, service.AtStop);
        Assert.Equal(PoolState.Disposed, host.Pool("parsers").State);
        var refused = await Assert.ThrowsAsync<ObjectDisposedException>(() => host.Pool("parsers").RunAsync(Square, 7));
        Assert.Equal("parsers", refused.ObjectName);
    }

    [Fact]
    public async Task Calls_finish_at_the_end_new_ones_are_refused_meanwhile_and_no_process_is_left()
    {
        using IHost host = Hosts.Create(static services => services.AddKernmantle().AddProcessPool("parsers", static o =>
        {
            o.Workers = 1;
            o.Pool = new() { DrainTimeout = TimeSpan.Zero };   // counts for disposal; the host has a time of its own
        }));
        await host.StartAsync();
        WorkerPool pool = host.Pool("parsers");
        int process = await pool.RunAsync(static () => Environment.ProcessId);
        string gate = Path.Combine(Directory.CreateTempSubdirectory("kernmantle-host-").FullName, "gate");
        Task<int> begun = pool.RunAsync(WaitFor, gate), queued = pool.RunAsync(Square, 6);
        Task end = host.StopAsync();
        await Hosts.UntilAsync(() => Task.FromResult(pool.State == PoolState.Draining), "It does not drain.");
        await Assert.ThrowsAsync<ObjectDisposedException>(() => pool.RunAsync(Square, 7));
        Assert.False(end.IsCompleted);
        await File.WriteAllTextAsync(gate, "");
        Assert.Equal((1, 36), (await begun, await queued));
        await end.WaitAsync(Hosts.Deadline);
        Assert.False(ChildProcesses.IsAlive(process));
        Directory.Delete(Path.GetDirectoryName(gate)!, recursive: true);
    }

    [Fact]
    public async Task What_has_not_ended_within_the_host_s_time_is_killed()
    {
        using IHost host = Hosts.Create(static services =>
        {
            services.Configure<HostOptions>(static o => o.ShutdownTimeout = TimeSpan.FromMilliseconds(50));
            services.AddKernmantle().AddProcessPool("parsers", static o => o.Workers = 1);
        });
        await host.StartAsync();
        WorkerPool pool = host.Pool("parsers");
        int process = await pool.RunAsync(static () => Environment.ProcessId);
        Task<int> endless = pool.RunAsync(WaitFor, "/no/such/gate");
        try
        {
            await host.StopAsync().WaitAsync(Hosts.Deadline);
        }
        catch (OperationCanceledException)
        {
            // The host may say that its time was over.
        }
        await Assert.ThrowsAsync<ObjectDisposedException>(() => endless.WaitAsync(Hosts.Deadline));
        Assert.False(ChildProcesses.IsAlive(process));
    }

    [Fact]
    public async Task A_pool_that_cannot_start_fails_the_host_s_start_and_leaves_nothing_of_the_others()
    {
        string file = Path.GetTempFileName();
        using IHost host = Hosts.Create(services => services.AddKernmantle()
            .AddProcessPool("fine", o => (o.Workers, o.Pool) = (1, new() { OnWorkerStart = (Action)(() => File.WriteAllText(file, $"{Environment.ProcessId}")) }))
            .AddProcessPool("broken", static o => (o.Workers, o.Pool) = (1, new() { OnWorkerStart = (Action)(static () => Environment.Exit(7)), RestartLimit = 0 })));
        var failure = await Assert.ThrowsAsync<PoolBrokenException>(() => host.StartAsync());
        Assert.Contains("Pool broken has given up", failure.Message, StringComparison.Ordinal);
        Assert.Equal(PoolState.Disposed, host.Pool("fine").State);
        Assert.False(int.TryParse(await File.ReadAllTextAsync(file), out int process) && ChildProcesses.IsAlive(process));
        File.Delete(file);
    }

    [Fact]
    public async Task A_host_that_is_disposed_of_without_an_end_takes_its_pools_along()
    {
        int process;
        WorkerPool pool;
        using (IHost host = Hosts.Create(static services => services.AddKernmantle().AddProcessPool(static o => o.Workers = 1)))
        {
            await host.StartAsync();
            pool = host.Services.GetRequiredService<WorkerPool>();
            process = await pool.RunAsync(static () => Environment.ProcessId);
        }
        Assert.Equal(PoolState.Disposed, pool.State);
        Assert.False(ChildProcesses.IsAlive(process));
    }

    private static int Square(int n) => n * n;

    private static async Task<int> WaitFor(string file)
    {
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (!File.Exists(file))
            await tick.WaitForNextTickAsync();
        return 1;
    }

    private sealed class Caller : IHostedService
    {
        public WorkerPool? Pool { get; set; }

        public (PoolState, int) AtStart { get; private set; }

        public int AtStop { get; private set; }

        public Task StartAsync(CancellationToken cancellationToken)
        {
            AtStart = (Pool!.State, Pool.Statistics.Workers);
            return Task.CompletedTask;
        }

        public async Task StopAsync(CancellationToken cancellationToken) => AtStop = await Pool!.RunAsync(Square, 7, CancellationToken.None);
    }
}
