using System.Diagnostics.Metrics;
using Kernmantle.Python;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Kernmantle.Hosting.Tests.Services;

/// <summary>How pools are found in the services of a host.</summary>
public sealed class PoolServicesTests
{
    [Fact]
    public async Task A_pool_with_a_name_is_a_keyed_service_and_one_without_is_the_host_s_own()
    {
        using IHost host = Hosts.Create(static services => services.AddKernmantle()
            .AddWorkerThreads(static o => o.Workers = 2)
            .AddProcessPool("parsers", static o => o.Workers = 1)
            .AddPythonPool(static o => o.Workers = 1)
            .AddPythonPool("numbers", static o => o.Workers = 1));
        WorkerPool own = host.Services.GetRequiredService<WorkerPool>(), parsers = host.Pool("parsers");
        Assert.Equal(("default", 2, "parsers", 1), (own.Name, own.WorkerCount, parsers.Name, parsers.WorkerCount));
        Assert.Same(own, host.Pool(KernmantleBuilder.DefaultName));
        Assert.Equal("python", host.Services.GetRequiredService<PythonPool>().Name);
        Assert.Equal("numbers", host.Services.GetRequiredKeyedService<PythonPool>("numbers").Name);
        await host.StartAsync();
        Assert.NotEqual(Environment.ProcessId, await parsers.RunAsync(static () => Environment.ProcessId));
        Assert.Equal(Environment.ProcessId, await own.RunAsync(static () => Environment.ProcessId));
        Assert.Equal(3, await host.Services.GetRequiredService<PythonPool>().EvalAsync<int>("1 + 2"));
        await host.StopAsync();
    }

    [Fact]
    public void A_name_that_no_pool_has_is_told_with_those_that_there_are()
    {
        using IHost host = Hosts.Create(static services => services.AddKernmantle().AddWorkerThreads("parsers").AddPythonPool("numbers"));
        var failure = Assert.Throws<InvalidOperationException>(() => host.Pool("parser"));
        Assert.Equal("There is no WorkerPool named 'parser'. There are: parsers (WorkerPool), numbers (PythonPool). Ask for one of them, or add it: services.AddKernmantle().AddProcessPool(\"parser\").", failure.Message);
        Assert.Throws<InvalidOperationException>(() => host.Services.GetRequiredKeyedService<PythonPool>("parsers"));
    }

    [Fact]
    public async Task A_service_that_asks_for_a_pool_that_there_is_not_fails_the_start()
    {
        using IHost host = Hosts.Create(static services => services.AddSingleton<Reports>().AddKernmantle().AddWorkerThreads("parsers"));
        var failure = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync());
        Assert.Contains($"The constructor of {typeof(Reports)} asks for the WorkerPool 'parser', which there is not. There are: parsers (WorkerPool).", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_pools_of_one_name_are_refused()
    {
        KernmantleBuilder pools = new ServiceCollection().AddKernmantle().AddWorkerThreads("parsers");
        Assert.StartsWith("There is already a pool named 'parsers'.", Assert.Throws<ArgumentException>(() => pools.AddPythonPool("Parsers")).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => pools.Services.AddKernmantle().AddProcessPool("parsers"));
        pools.AddProcessPool();
        Assert.Throws<ArgumentException>(() => pools.AddWorkerThreads(static _ => { }));
        Assert.Throws<ArgumentException>(() => pools.AddProcessPool("a:b"));
        Assert.Throws<ArgumentException>(() => pools.AddProcessPool(" "));
    }

    [Fact]
    public async Task The_host_s_log_meters_and_clock_are_the_pool_s()
    {
        var records = new Records();
        var clock = new FakeTimeProvider();
        using IHost host = Hosts.Create(services =>
        {
            services.AddSingleton<ILoggerProvider>(records).AddSingleton<TimeProvider>(clock);
            services.AddKernmantle().AddProcessPool("parsers", static o => o.Workers = 1);
        });
        await host.StartAsync();
        await host.Pool("parsers").RunAsync(static () => Console.WriteLine("said by a worker"));
        await Hosts.UntilAsync(() => Task.FromResult(records.Texts.Any(static text => text.Contains("said by a worker", StringComparison.Ordinal))), "The host's log has nothing of the worker.");
        Assert.Same(clock, host.Pool("parsers").Scheduler.Clock);
        Assert.Same(host.Services.GetRequiredService<IMeterFactory>(), host.Pool("parsers").Scheduler.Options.MeterFactory);
        await host.StopAsync();
    }

    [Fact]
    public async Task A_test_puts_its_double_in_a_pool_s_place()
    {
        await using WorkerPool inline = WorkerPool.Inline(verifyPortable: true);
        using IHost host = Hosts.Create(services =>
        {
            services.AddKernmantle().AddProcessPool("parsers");
            services.AddKeyedSingleton("parsers", inline);
        });
        await host.StartAsync();
        Assert.Same(inline, host.Pool("parsers"));
        Assert.Equal(Environment.ProcessId, await inline.RunAsync(static () => Environment.ProcessId));
        Assert.Equal(Microsoft.Extensions.Diagnostics.HealthChecks.HealthStatus.Healthy, (await host.HealthAsync("parsers")).Status);
        await host.StopAsync();
    }

    public sealed class Reports([FromKeyedServices("parser")] WorkerPool pool)
    {
        public WorkerPool Pool => pool;
    }

    private sealed class Records : ILoggerProvider, ILogger
    {
        private readonly List<string> texts = [];

        public string[] Texts
        {
            get
            {
                lock (texts)
                    return [.. texts];
            }
        }

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (texts)
                texts.Add(formatter(state, exception));
        }

        public void Dispose()
        {
        }
    }
}
