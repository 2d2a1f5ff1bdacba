using System.Globalization;
using Kernmantle.Contracts.Requirements;
using Microsoft.Extensions.Logging;

namespace Kernmantle.Python.Tests.Pools;

/// <summary>What calls may use, what is known of those that took too long, and when workers are replaced: as of .NET workers.</summary>
public abstract partial class PythonContract
{
    private const long Mebibyte = 1 << 20;

    [Theory]
    [InlineData("kmtests:fill_memory")]
    [InlineData("kmtests:aio_fill_memory", Traits = [NeedsAttribute.Trait, "asyncio"])]
    public async Task A_call_that_takes_more_memory_than_it_may_fails_alone(string function)
    {
        await using PythonPool pool = Create();
        var limited = new CallOptions { Limits = new() { MemoryBytes = 600 * Mebibyte } };
        var failure = await Assert.ThrowsAsync<MemoryLimitException>(() => pool.CallAsync<int>(function, PythonArguments.Of(100_000), limited).WaitAsync(Deadline));
        Assert.Equal(600 * Mebibyte, failure.LimitBytes);
        Assert.True(failure.UsedBytes > 500 * Mebibyte, failure.Message);   // where the kernel ends it, it was seen with a little less than the limit
        Assert.Equal(10, await pool.CallAsync<int>(function, PythonArguments.Of(10), limited).WaitAsync(Deadline));
        Assert.Equal(1, pool.Statistics.Replaced);
    }

    [Fact]
    public async Task A_call_that_computes_longer_than_it_may_fails_by_that()
    {
        await using PythonPool pool = Create(options: new() { Limits = new() { CpuTime = TimeSpan.FromMilliseconds(300) } });
        var failure = await Assert.ThrowsAsync<CpuLimitException>(() => pool.CallAsync<object?>("kmtests:burn").WaitAsync(Deadline));
        Assert.True(failure.Used >= failure.Limit, failure.Message);
        Assert.Equal(3, await pool.CallAsync<int>("kmtests:add", 1, 2).WaitAsync(Deadline));
    }

    [Needs("errors by their number")]
    [Fact]
    public async Task A_call_that_opens_more_files_than_it_may_fails_by_that_and_says_how_Python_saw_it()
    {
        await using PythonPool pool = Create();
        var limited = new CallOptions { Limits = new() { OpenFiles = 128 } };
        var failure = await Assert.ThrowsAsync<OpenFilesLimitException>(() => pool.CallAsync<int>("kmtests:open_files", PythonArguments.Of(500), limited).WaitAsync(Deadline));
        Assert.Contains("Too many open files", Assert.IsType<PythonException>(failure.InnerException).Message, StringComparison.Ordinal);
        Assert.Equal(5, await pool.CallAsync<int>("kmtests:open_files", PythonArguments.Of(5), limited).WaitAsync(Deadline));
    }

    [Theory]
    [InlineData("kmtests:write_lines")]
    [InlineData("kmtests:log_lines")]
    public async Task A_call_that_writes_more_than_it_may_fails_by_that(string function)
    {
        await using PythonPool pool = Create();
        var limited = new CallOptions { Limits = new() { OutputBytes = 10_000 } };
        var failure = await Assert.ThrowsAsync<OutputLimitException>(() => pool.CallAsync<int>(function, PythonArguments.Of(100_000), limited).WaitAsync(Deadline));
        Assert.True(failure.UsedBytes > failure.LimitBytes, failure.Message);
        Assert.Equal(10, await pool.CallAsync<int>(function, PythonArguments.Of(10), limited).WaitAsync(Deadline));
    }

    [Needs("few threads")]
    [Fact]
    public async Task A_call_that_starts_more_threads_than_it_may_fails_by_that_or_the_limit_is_refused()
    {
        await using PythonPool pool = Create();
        var limited = new CallOptions { Limits = new() { Processes = 24 } };
        if (pool.EnforcedLimits.Processes.Means == LimitMeans.None)
        {
            var refusal = await Assert.ThrowsAsync<NotSupportedException>(() => pool.CallAsync<int>("kmtests:start_threads", PythonArguments.Of(100), limited).WaitAsync(Deadline));
            Assert.Contains("pids", refusal.Message, StringComparison.Ordinal);
            return;
        }
        await Assert.ThrowsAsync<ProcessCountLimitException>(() => pool.CallAsync<int>("kmtests:start_threads", PythonArguments.Of(100), limited).WaitAsync(Deadline));
        Assert.Equal(2, await pool.CallAsync<int>("kmtests:start_threads", PythonArguments.Of(2), limited).WaitAsync(Deadline));
    }

    [Needs("asyncio")]
    [Fact]
    public async Task Coroutines_with_limits_have_their_worker_for_themselves_and_keep_no_others_out()
    {
        await using PythonPool pool = Create();
        using Gate gate = new(), reached = new();
        Task waiting = pool.CallAsync<object?>("kmtests:reach_and_wait", reached.Path, gate.Path);
        await Reached(reached);
        var limited = new CallOptions { Limits = new() { MemoryBytes = 1024 * Mebibyte } };
        Task<int>[] alone = [.. Enumerable.Range(0, 5).Select(_ => pool.CallAsync<int>("kmtests:aio_count_running", PythonArguments.Of(20), limited))];
        Task<int> behind = pool.CallAsync<int>("kmtests:aio_same", 7);
        Assert.All(alone, static call => Assert.False(call.IsCompleted));
        gate.Open();
        await waiting.WaitAsync(Deadline);
        Assert.All(await Task.WhenAll(alone).WaitAsync(Deadline), static most => Assert.Equal(1, most));
        Assert.Equal(7, await behind.WaitAsync(Deadline));
        Assert.Equal(0, pool.Statistics.Replaced);
    }

    [Fact]
    public async Task Items_of_a_map_have_limits_each()
    {
        await using PythonPool pool = Create(2);
        var limited = new CallOptions { Limits = new() { MemoryBytes = 600 * Mebibyte } };
        int[] inputs = [1, 100_000, 2, 3];
        List<MapResult<int, int>> results = await ToListAsync(pool.MapAsync<int, int>("kmtests:fill_memory", inputs, limited));
        Assert.Equal([true, false, true, true], results.Select(static r => r.IsSuccess));
        Assert.IsType<MemoryLimitException>(results[1].Failure);
    }

    [Needs("stacks at a timeout")]
    [Theory]
    [InlineData("kmtests:burn_after", "burn_after")]
    [InlineData("kmtests:stand_still", "stand_still")]   // in C code, which holds the interpreter's lock
    public async Task A_call_that_takes_too_long_tells_what_all_its_threads_were_doing(string function, string where)
    {
        await using PythonPool pool = Create(options: new() { Evidence = new() { Budget = Deadline / 6 } });
        using var reached = new Gate();
        Task call = pool.CallAsync<object?>(function, PythonArguments.Of(reached.Path), new CallOptions { Timeout = TimeSpan.FromSeconds(1) });
        var failure = await Assert.ThrowsAsync<CallTimeoutException>(() => call.WaitAsync(Deadline));
        Assert.Contains($"in {where}", failure.Stacks, StringComparison.Ordinal);
        Assert.Contains("kmtests.py", failure.Stacks, StringComparison.Ordinal);
        Assert.Equal(1, await pool.CallAsync<int>("kmtests:same", 1).WaitAsync(Deadline));
    }

    [Fact]
    public async Task A_spare_takes_the_place_of_a_worker_that_died()
    {
        await using PythonPool pool = Create(options: new() { Spares = 1 });
        await pool.StartAsync();
        await Until(() => pool.Statistics.Spares == 1, "the spare is ready");
        int first = await pool.CallAsync<int>("kmtests:pid");
        Kill(first);
        await Until(() => pool.Statistics.Replaced == 1, "its death is seen");
        int second = await pool.CallAsync<int>("kmtests:pid").WaitAsync(Deadline);
        Assert.NotEqual(first, second);
        await Until(() => pool.Statistics.Spares == 1, "another spare is ready");
    }

    [Fact]
    public async Task Workers_are_recycled_after_as_many_calls_as_they_may_run()
    {
        await using PythonPool pool = Create(options: new() { Recycling = new() { Calls = 2 } });
        var pids = new List<int>();
        for (int i = 0; i < 6; i++)
            pids.Add(await pool.CallAsync<int>("kmtests:pid").WaitAsync(Deadline));
        Assert.Equal(3, pids.Distinct().Count());
        Assert.Equal((pids[0], pids[2], pids[4]), (pids[1], pids[3], pids[5]));
        Assert.Equal(0, pool.Statistics.Replaced);
    }

    [Needs("a log that drops")]
    [Fact]
    public async Task Log_records_for_which_there_is_no_room_are_dropped_and_counted_if_asked_for()
    {
        const int Lines = 20_000;
        using var log = new HeldFactory();
        await using PythonPool pool = Create(options: new() { LogFull = LogFullMode.Drop, LoggerFactory = log });
        using var logged = new Gate();
        Task<int> call = pool.CallAsync<int>("kmtests:log_lines_and_reach", Lines, logged.Path);
        await Reached(logged);   // it did not wait for the log, in which the first record is held
        log.Release();
        Assert.Equal(Lines, await call.WaitAsync(Deadline));
        await Until(() => log.Lines + log.Dropped == Lines, $"all {Lines} are told of");
        Assert.True(log.Dropped > 0, "None was dropped.");
    }

    [Fact]
    public void Limits_that_cannot_be_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Create(options: new() { Limits = new() { MemoryBytes = 0 } }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Create(options: new() { Spares = -1 }));
        Assert.Contains("DumpFolder", Assert.Throws<ArgumentException>(() => Create(options: new() { Evidence = new() { DumpFolder = Path.GetTempPath() } })).Message, StringComparison.Ordinal);
    }

    /// <summary>Holds up whoever logs, until it is released; and counts what came from the program, and what is said to have been dropped.</summary>
    private sealed class HeldFactory : ILoggerFactory, ILogger
    {
        private readonly ManualResetEventSlim released = new();
        private int lines;
        private int dropped;

        public int Lines => Volatile.Read(ref lines);

        public int Dropped => Volatile.Read(ref dropped);

        public void Release() => released.Set();

        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

        public bool IsEnabled(LogLevel logLevel) => true;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            string text = formatter(state, exception);
            if (text.StartsWith("yyy", StringComparison.Ordinal))
            {
                released.Wait(Deadline);
                Interlocked.Increment(ref lines);
            }
            else if (text.Contains(" log records were dropped", StringComparison.Ordinal))
                Interlocked.Add(ref dropped, int.Parse(text.AsSpan(0, text.IndexOf(' ', StringComparison.Ordinal)), CultureInfo.InvariantCulture));
        }

        public void Dispose() => released.Dispose();
    }
}
