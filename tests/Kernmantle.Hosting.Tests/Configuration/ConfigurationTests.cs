using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Kernmantle.Hosting.Tests.Configuration;

/// <summary>What a host's configuration says of a pool, and what is said of its mistakes.</summary>
public sealed class ConfigurationTests
{
    private const string Parsers = "Kernmantle:Pools:parsers";

    [Fact]
    public void Every_form_of_option_is_read()
    {
        HostedPoolOptions<ProcessPoolOptions> options = Read(
            static _ => { },
            ("Workers", "3"), ("degradedAfterDeath", "00:00:02"), ("NearlyFull", "0.5"), ("QueueCapacity", "12"), ("QueueFull", "fail"), ("Timeout", "infinite"), ("KillGrace", "00:00:00.250"), ("MinWorkers", "1"),
            ("Limits:MemoryBytes", "268435456"), ("Limits:CpuTime", "00:00:05"), ("Recycling:Calls", "1000"), ("Retry:On", "Crash, Timeout"), ("Retry:MaxAttempts", "4"), ("Retry:MaxBackoff", "infinite"),
            ("Environment:TZ", "UTC"), ("PassedVariables:0", "PATH"), ("PassedVariables:1", "HOME"), ("WorkingDirectory", "/"), ("WaitForDebugger", "false"));
        Assert.Equal((3, TimeSpan.FromSeconds(2), 0.5), (options.Workers, options.DegradedAfterDeath, options.NearlyFull));
        ProcessPoolOptions pool = options.Pool;
        Assert.Equal((12, QueueFullMode.Fail, Timeout.InfiniteTimeSpan, TimeSpan.FromMilliseconds(250), 1), (pool.QueueCapacity, pool.QueueFull, pool.Timeout, pool.KillGrace, pool.MinWorkers));
        Assert.Equal((268435456, TimeSpan.FromSeconds(5)), (pool.Limits!.MemoryBytes, pool.Limits.CpuTime));
        Assert.Equal((1000L, FailureKinds.Crash | FailureKinds.Timeout, 4, Timeout.InfiniteTimeSpan), (pool.Recycling!.Calls, pool.Retry!.On, pool.Retry.MaxAttempts, pool.Retry.MaxBackoff));
        Assert.Equal("UTC", Assert.Single(pool.Environment).Value);
        Assert.Equal(["PATH", "HOME"], pool.PassedVariables!);
        Assert.Equal("/", pool.WorkingDirectory);
    }

    [Fact]
    public void The_configuration_goes_over_what_code_says_key_by_key_and_leaves_the_code_s_objects_alone()
    {
        var inCode = new ProcessPoolOptions { QueueCapacity = 7, MaxWaiting = 8, Limits = new() { OpenFiles = 256, MemoryBytes = 1L << 30 }, Environment = new Dictionary<string, string?> { ["A"] = "1", ["B"] = "2" } };
        ProcessPoolOptions pool = Read(o => o.Pool = inCode, ("QueueCapacity", "9"), ("Limits:OpenFiles", "512"), ("Environment:B", "3")).Pool;
        Assert.Equal((9, 8, 512, 1L << 30), (pool.QueueCapacity, pool.MaxWaiting, pool.Limits!.OpenFiles, pool.Limits.MemoryBytes));
        Assert.Equal([("A", "1"), ("B", "3")], pool.Environment.Select(static v => (v.Key, v.Value!)));
        Assert.Equal((7, 256, "2"), (inCode.QueueCapacity, inCode.Limits!.OpenFiles, inCode.Environment["B"]));
        Assert.Null(Read(static o => o.Pool = new() { Limits = new() { OpenFiles = 256 } }, ("Limits", "")).Pool.Limits);
    }

    [Fact]
    public void In_JSON_an_empty_list_is_empty_and_an_empty_group_or_dictionary_leaves_what_code_says()
    {
        ProcessPoolOptions inCode = new() { Limits = new() { OpenFiles = 256 }, PassedVariables = ["PATH"], Environment = new Dictionary<string, string?> { ["A"] = "1" } };
        using IHost host = Hosts.CreateFromJson(
            services => services.AddKernmantle()
                .AddProcessPool("parsers", o => o.Pool = inCode)
                .AddPythonPool("numbers", static o => o.Pool = new() { ModulePaths = ["/"] }),
            """
            {
              "Kernmantle": {
                "Pools": {
                  "parsers": { "PassedVariables": [], "Limits": {}, "Environment": {}, "Recycling": {} },
                  "numbers": { "ModulePaths": [], "Environment": {} }
                }
              }
            }
            """);
        ProcessPoolOptions pool = host.Services.GetRequiredService<IOptionsMonitor<HostedPoolOptions<ProcessPoolOptions>>>().Get("parsers").Pool;
        Assert.Empty(pool.PassedVariables!);
        Assert.Equal((256, null), (pool.Limits!.OpenFiles, pool.Recycling));
        Assert.Equal("1", Assert.Single(pool.Environment).Value);
        Python.PythonPoolOptions python = host.Services.GetRequiredService<IOptionsMonitor<HostedPoolOptions<Python.PythonPoolOptions>>>().Get("numbers").Pool;
        Assert.Empty(python.ModulePaths);
        Assert.Empty(python.Environment);
    }

    [Theory]
    [InlineData("QueueCapacty", "5", $"{Parsers}:QueueCapacty is not known. The keys here are: DegradedAfterDeath, DrainTimeout, ")]
    [InlineData("Limits:Memory", "5", $"{Parsers}:Limits:Memory is not known. The keys here are: CpuTime, MemoryBytes, OpenFiles, OutputBytes, Processes, WallTime.")]
    [InlineData("Name", "other", $"{Parsers}:Name is set in code, and not in the configuration.")]
    [InlineData("SparesOf", "other", $"{Parsers}:SparesOf is set in code, and not in the configuration.")]
    [InlineData("Pool:QueueCapacity", "5", $"{Parsers}:Pool is not known.")]
    [InlineData("Workers", "two", $"{Parsers}:Workers = two: a whole number that is not too large is needed.")]
    [InlineData("Workers", "-1", $"{Parsers}:Workers = -1: ")]
    [InlineData("Workers", "", $"{Parsers}:Workers = : a whole number that is not too large is needed.")]
    [InlineData("Workers:0", "1", $"{Parsers}:Workers is one value, and has no keys below it.")]
    [InlineData("NearlyFull", "1.5", $"{Parsers}:NearlyFull = 1.5: A part of the queue's capacity: above 0, and at most 1.")]
    [InlineData("DegradedAfterDeath", "-00:00:01", $"{Parsers}:DegradedAfterDeath = -00:00:01: ")]
    [InlineData("Timeout", "soon", $"{Parsers}:Timeout = soon: a time such as 00:00:05 or 00:00:00.250, or infinite, is needed.")]
    [InlineData("QueueFull", "Drop", $"{Parsers}:QueueFull = Drop: Wait or Fail is needed.")]
    [InlineData("QueueFull", "7", $"{Parsers}:QueueFull = 7: No such mode.")]
    [InlineData("Transport", "7", $"{Parsers}:Transport = 7: No such transport.")]
    [InlineData("LogFull", "7", $"{Parsers}:LogFull = 7: No such mode.")]
    [InlineData("QueueCapacity", "0", $"{Parsers}:QueueCapacity = 0: ")]
    [InlineData("Limits", "none", $"{Parsers}:Limits = none: there are keys below it, and not one value.")]
    [InlineData("PassedVariables", "PATH", $"{Parsers}:PassedVariables = PATH: it is a list, and not one value.")]
    [InlineData("Limits:MemoryBytes", "1000", $"{Parsers}:Limits:MemoryBytes = 1000: Limits.MemoryBytes must be at least 67108864: ")]
    [InlineData("Limits:CpuTime", "-00:00:01", $"{Parsers}:Limits:CpuTime = -00:00:01: A limit on processor time must be positive")]
    [InlineData("Recycling:Age", "00:00:00.5", $"{Parsers}:Recycling:Age = 00:00:00.5: From 1 s to 365 days are possible")]
    [InlineData("Retry:MaxAttempts", "3", $"{Parsers}:Retry:On is missing: None or Crash or Timeout or Memory or Exception.")]
    [InlineData("Retry:Backoff", "-00:00:01", $"{Parsers}:Retry:Backoff = -00:00:01: Must be between zero and 50 days.")]
    [InlineData("Retry:Backoff", "infinite", $"{Parsers}:Retry:Backoff = infinite: Must be between zero and 50 days.")]
    [InlineData("Retry:BackoffFactor", "NaN", $"{Parsers}:Retry:BackoffFactor = NaN: BackoffFactor must be 0 or more.")]
    [InlineData("WorkingDirectory", "/no/such/folder", $"{Parsers}:WorkingDirectory = /no/such/folder: The worker's working directory does not exist")]
    public async Task A_mistake_fails_the_start_with_its_path(string key, string value, string expected)
    {
        (string, string?)[] rest = key.StartsWith("Retry:Backoff", StringComparison.Ordinal) ? [($"{Parsers}:Retry:On", "Crash")] : [];   // without which there is no policy
        using IHost host = Hosts.Create(static services => services.AddKernmantle().AddProcessPool("parsers"), [($"{Parsers}:{key}", value), .. rest]);
        var failure = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync());
        Assert.StartsWith(expected, failure.Message, StringComparison.Ordinal);
        Assert.Single(failure.Failures);
    }

    [Fact]
    public async Task All_mistakes_of_a_pool_are_told_at_once_and_those_that_contradict_each_other_both()
    {
        using IHost host = Hosts.Create(
            static services => services.AddKernmantle().AddProcessPool("parsers"),
            ($"{Parsers}:Colour", "red"), ($"{Parsers}:Spares", "many"), ($"{Parsers}:Timeout", "00:00:02"), ($"{Parsers}:Limits:WallTime", "00:00:03"));
        var failure = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync());
        Assert.Equal(3, failure.Failures.Count());
        Assert.Contains($"{Parsers}:Limits:WallTime = 00:00:03 and {Parsers}:Timeout = 00:00:02: ", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Kernmantle:Pools:parser:Workers", "Kernmantle:Pools:parser is configured, but no pool of that name was added. There are: parsers (WorkerPool).")]
    [InlineData("Kernmantle:Pool:parsers:Workers", "Kernmantle:Pool is not known. Pools stand below Kernmantle:Pools, each under its name.")]
    public async Task A_section_that_nobody_reads_fails_the_start(string key, string expected)
    {
        using IHost host = Hosts.Create(static services => services.AddKernmantle().AddWorkerThreads("parsers"), (key, "1"));
        Assert.StartsWith(expected, (await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync())).Message, StringComparison.Ordinal);
    }

    /// <summary>What only the making of the pool finds out: there cannot be more at least than there are at most.</summary>
    [Fact]
    public async Task A_mistake_that_the_pool_itself_finds_has_its_path_too()
    {
        using IHost host = Hosts.Create(static services => services.AddKernmantle().AddWorkerThreads("parsers", static o => o.Workers = 2), ($"{Parsers}:MinWorkers", "3"));
        Assert.StartsWith($"{Parsers}:MinWorkers = 3: That is more than the 2 workers", (await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_mistake_in_the_options_of_a_Python_pool_has_its_path_too()
    {
        using IHost host = Hosts.Create(static services => services.AddKernmantle().AddPythonPool("numbers"), ("Kernmantle:Pools:numbers:TransferTimeout", "-00:00:05"));
        Assert.StartsWith("Kernmantle:Pools:numbers:TransferTimeout = -00:00:05: A timeout must be positive", (await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_mistake_of_the_code_is_told_as_that()
    {
        using IHost host = Hosts.Create(static services => services.AddKernmantle().AddPythonPool("numbers", static o => o.WarmUp.Add(static () => 1)));
        Assert.StartsWith("Pool 'numbers', as code sets it: Functions of .NET are made ready", (await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync())).Message, StringComparison.Ordinal);
    }

    private static HostedPoolOptions<ProcessPoolOptions> Read(Action<HostedPoolOptions<ProcessPoolOptions>> configure, params (string Key, string? Value)[] configuration)
    {
        using IHost host = Hosts.Create(services => services.AddKernmantle().AddProcessPool("parsers", configure), [.. configuration.Select(static c => ($"{Parsers}:{c.Key}", c.Value))]);
        return host.Services.GetRequiredService<IOptionsMonitor<HostedPoolOptions<ProcessPoolOptions>>>().Get("parsers");
    }
}
