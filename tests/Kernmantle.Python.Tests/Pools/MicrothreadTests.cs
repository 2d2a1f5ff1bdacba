using Kernmantle.Python.Tests.Interpreters;

namespace Kernmantle.Python.Tests.Pools;

/// <summary>Calls as microthreads of one thread.</summary>
[Interpreter("/usr/bin/python3", Module = "greenlet")]
public class MicrothreadTests : PythonTests
{
    [Fact]
    public async Task Ten_thousand_microthreads_wait_in_one_worker_at_once()
    {
        const int Count = 10_000;
        await using PythonPool pool = CreateMicro();
        WorkerChannel<int> gate = WorkerChannel.Create<int>(new() { Capacity = Count });
        Task<int>[] calls = [.. Enumerable.Range(0, Count).Select(_ => pool.CallAsync<int>("kmtests:micro_wait", gate))];
        await Until(() => pool.Statistics.Running == Count, "all wait in the worker");
        for (int i = 0; i < Count; i++)
            await gate.Writer.WriteAsync(i);
        int[] got = await Task.WhenAll(calls).WaitAsync(Deadline);
        Assert.Equal(Enumerable.Range(0, Count), got.Order());
    }

    [Fact]
    public async Task Tasklets_and_channels_of_Stackless_are_there()
    {
        await using PythonPool pool = CreateMicro();
        AssertItems([0, 1, 4, 9, 16], await pool.CallAsync<List<int>>("kmtests:micro_squares", 5).WaitAsync(Deadline));
        Task<int> receiving = pool.CallAsync<int>("kmtests:micro_receive");
        Assert.Null(await pool.CallAsync<object?>("kmtests:micro_send", 42).WaitAsync(Deadline));
        Assert.Equal(42, await receiving.WaitAsync(Deadline));
    }

    [Fact]
    public async Task An_old_value_read_before_a_switch_loses_what_came_meanwhile()
    {
        await using PythonPool pool = CreateMicro();
        AssertItems([10, 100], await pool.CallAsync<int[]>("kmtests:micro_lost_updates", 10).WaitAsync(Deadline));
    }

    [Fact]
    public async Task A_microthread_that_waits_is_cancelled_and_streams_wait_for_their_consumer()
    {
        await using PythonPool pool = CreateMicro();
        WorkerChannel<int> never = WorkerChannel.Create<int>();
        using var cancel = new CancellationTokenSource();
        Task<int> waiting = pool.CallAsync<int>("kmtests:micro_wait", PythonArguments.Of(never), null, cancel.Token);
        await Until(() => pool.Statistics.Running == 1, "it waits");
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting.WaitAsync(Deadline));
        Task<List<int>>[] streams = [.. Enumerable.Range(0, 5).Select(_ => ToListAsync(pool.StreamAsync<int>("kmtests:count", PythonArguments.Of(2000))))];
        Assert.All(await Task.WhenAll(streams).WaitAsync(Deadline), static items => Assert.Equal(Enumerable.Range(0, 2000), items));
        Assert.Equal(0, pool.Statistics.Replaced);
    }

    [Fact]
    public async Task A_coroutine_whose_microthread_waits_leaves_the_others_their_loops()
    {
        const int Count = 20_000;
        await using PythonPool pool = CreateMicro();
        WorkerChannel<int> gate = WorkerChannel.Create<int>();
        Task<int> waiting = pool.CallAsync<int>("kmtests:aio_micro_wait", gate);
        await using IAsyncEnumerator<int> stream = pool.StreamAsync<int>("kmtests:aio_count", PythonArguments.Of(Count)).GetAsyncEnumerator(new CancellationTokenSource(Deadline).Token);
        Assert.True(await stream.MoveNextAsync());
        Assert.Equal(7, await pool.CallAsync<int>("kmtests:aio_same", 7).WaitAsync(Deadline));
        for (int i = 1; i < Count; i++)
            Assert.Equal((true, i), (await stream.MoveNextAsync(), stream.Current));
        Assert.False(await stream.MoveNextAsync());
        await gate.Writer.WriteAsync(9);
        Assert.Equal((9, 0L), (await waiting.WaitAsync(Deadline), pool.Statistics.Replaced));
    }

    [Fact]
    public void Threads_and_microthreads_at_once_are_refused() =>
        Assert.Throws<ArgumentException>(() => Create(1, new() { Threads = true, Microthreads = true }));

    private protected PythonPool CreateMicro() => Create(1, new() { Microthreads = true, QueueCapacity = 20_000, KillGrace = Deadline });
}

/// <summary>The same where it is built in.</summary>
[SecondStage]
[Interpreter("pypy3")]
public sealed class PyPyMicrothreadTests : MicrothreadTests;

/// <summary>Where there is none.</summary>
public sealed class MissingGreenletTests : PythonTests
{
    [Fact]
    public async Task An_interpreter_without_greenlet_says_what_to_install()
    {
        await using PythonPool pool = Create(1, new() { Microthreads = true, Setup = null, Environment = new Dictionary<string, string?> { ["PYTHONPATH"] = Path.Combine(AppContext.BaseDirectory, "Modules", "WithoutGreenlet") } });
        var broken = await Assert.ThrowsAsync<PoolBrokenException>(() => pool.StartAsync().WaitAsync(Deadline));
        Assert.Contains("install it", broken.ToString(), StringComparison.Ordinal);
    }
}
