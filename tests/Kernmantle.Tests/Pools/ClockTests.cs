namespace Kernmantle.Tests.Pools;

/// <summary>
/// Timeouts count the user's function and nothing of ours. What is slow here is slow for certain: types whose constructor, or property, waits
/// in a worker for longer than the timeout.
/// </summary>
public sealed class ClockTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(120);

    /// <summary>A trivial function needs less on any machine; <see cref="Long"/> is more for certain.</summary>
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(2);

    private const int Long = 4000;   // milliseconds

    public static TheoryData<WorkerTransport> Transports() => [WorkerTransport.SharedMemory, WorkerTransport.Socket];

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task Decoding_the_arguments_does_not_count_against_the_timeout(WorkerTransport transport)
    {
        await using WorkerPool pool = WorkerPool.Processes(1, new() { Timeout = Short, Transport = transport });
        Assert.Equal(Long, await pool.RunAsync(static slow => slow.Milliseconds, new SlowToMake(Long, Environment.ProcessId)).WaitAsync(Deadline));
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task Encoding_the_result_does_not_count_against_the_timeout(WorkerTransport transport)
    {
        await using WorkerPool pool = WorkerPool.Processes(1, new() { Timeout = Short, Transport = transport });
        SlowToRead result = await pool.RunAsync(static host => new SlowToRead { Milliseconds = Long, Host = host }, Environment.ProcessId).WaitAsync(Deadline);
        Assert.Equal(Environment.ProcessId, result.Host);
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task What_a_function_awaits_counts_against_the_timeout(WorkerTransport transport)
    {
        await using WorkerPool pool = WorkerPool.Processes(1, new() { Timeout = TimeSpan.FromMilliseconds(300), Transport = transport });
        CallTimeoutException failure = await Assert.ThrowsAsync<CallTimeoutException>(() =>
            pool.RunAsync(static (_, token) => new TaskCompletionSource<int>().Task.WaitAsync(token), 1).WaitAsync(Deadline));
        Assert.False(failure.IsTransfer);
        Assert.Equal(TimeSpan.FromMilliseconds(300), failure.Timeout);
    }

    [Fact]
    public async Task A_single_worker_counts_its_function_alone_too()
    {
        Worker<int> worker = Worker.OnProcess("Slow", static slow => slow.Milliseconds, new SlowToMake(Long, Environment.ProcessId), new() { Timeout = Short });
        worker.Start();
        Assert.Equal(Long, await worker.Completion.ContinueWith(_ => worker.Result, TaskScheduler.Default).WaitAsync(Deadline));
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(2, false)]
    [InlineData(2, true)]
    public Task Ten_calls_that_make_a_record_keep_a_timeout_of_200_ms(int spares, bool initializer) => OnOneOfThreeFreshPools(
        new() { Timeout = TimeSpan.FromMilliseconds(200), Spares = spares, OnWorkerStart = initializer ? Touch : null },
        static async pool =>
        {
            await pool.StartAsync(TestContext.Current.CancellationToken);
            for (int i = 0; i < 10; i++)
                Assert.Equal(new Made(1, "a"), await pool.RunAsync(static () => new Made(1, "a")).WaitAsync(Deadline));
        });

    [Fact]
    public Task A_map_of_4000_files_at_300_ms_loses_none() => OnOneOfThreeFreshPools(
        new() { Timeout = TimeSpan.FromMilliseconds(300) },
        static async pool =>
        {
            string[] files = [.. Enumerable.Range(0, 4000).Select(static n => $"/data/{n}.bin")];
            int count = 0;
            await foreach (MapResult<string, FileSeen> each in pool.MapAsync(static path => new FileSeen(path, path.Length), files).WithCancellation(TestContext.Current.CancellationToken))
            {
                Assert.Equal(files[count], each.Value.Path);
                count++;
            }
            Assert.Equal(4000, count);
        },
        workers: 2);

    /// <summary>
    /// What is ours is in the way on each fresh pool or on none. A function that loses its processor for as long, on a crowded machine, is late with reason: it may be so on two
    /// of three.
    /// </summary>
    private static async Task OnOneOfThreeFreshPools(ProcessPoolOptions options, Func<WorkerPool, Task> keeps, int workers = 1)
    {
        for (int left = 2; ; left--)
        {
            await using WorkerPool pool = WorkerPool.Processes(workers, options);
            try
            {
                await keeps(pool);
                Assert.Equal(0, pool.Statistics.Replaced);
                return;
            }
            catch (CallTimeoutException) when (left > 0)
            {
                continue;   // on another one
            }
        }
    }

    private static void Touch() => _ = new Made(1, "b");

    [Fact]
    public async Task Processor_time_counts_from_the_call_of_the_function()
    {
        // Decoding computes for longer than the limit; the function does next to nothing.
        await using WorkerPool pool = WorkerPool.Processes(1);
        var options = new CallOptions { Limits = new() { CpuTime = TimeSpan.FromMilliseconds(500) } };
        Assert.Equal(1200, await pool.With(options).RunAsync(static busy => busy.Milliseconds, new BusyToMake(1200, Environment.ProcessId)).WaitAsync(Deadline));
        CpuLimitException failure = await Assert.ThrowsAsync<CpuLimitException>(() => pool.With(options).RunAsync(static busy => busy.Burn(), new BusyToMake(1200, Environment.ProcessId)).WaitAsync(Deadline));
        Assert.True(failure.Used > failure.Limit);
    }
}

public sealed record Made(int Number, string Text);

public sealed record FileSeen(string Path, int Length);

/// <summary>Its constructor waits where it is not the host's.</summary>
public sealed class SlowToMake
{
    public SlowToMake(int milliseconds, int host)
    {
        (Milliseconds, Host) = (milliseconds, host);
        if (Environment.ProcessId != host)
            new ManualResetEventSlim().Wait(milliseconds);
    }

    public int Milliseconds { get; }

    public int Host { get; }
}

/// <summary>Its property waits where it is not the host's.</summary>
public sealed class SlowToRead
{
    public int Host { get; init; }

    public int Milliseconds
    {
        get
        {
            if (Environment.ProcessId != Host)
                new ManualResetEventSlim().Wait(field);
            return field;
        }
        init;
    }
}

/// <summary>Its constructor computes where it is not the host's.</summary>
public sealed class BusyToMake
{
    public BusyToMake(int milliseconds, int host)
    {
        (Milliseconds, Host) = (milliseconds, host);
        TimeSpan begin = Environment.CpuUsage.TotalTime;
        while (Environment.ProcessId != host && (Environment.CpuUsage.TotalTime - begin).TotalMilliseconds < milliseconds)
            Thread.SpinWait(1000);
    }

    public int Milliseconds { get; }

    public int Host { get; }

    public int Burn()
    {
        while (Milliseconds > 0)
            Thread.SpinWait(1000);
        return 0;
    }
}

/// <summary>Its constructor says that it ran, and ends the process, where that is not the host's.</summary>
public sealed class EndsItsWorker
{
    public EndsItsWorker(string file, int host)
    {
        (File, Host) = (file, host);
        if (Environment.ProcessId == host)
            return;
        System.IO.File.AppendAllText(file, "made\n");
        Environment.Exit(7);
    }

    public string File { get; }

    public int Host { get; }
}
