using Kernmantle.Contracts;
using Kernmantle.Contracts.Requirements;
using Kernmantle.Python.Tests.Interpreters;

namespace Kernmantle.Python.Tests.Pools;

/// <summary>Calls on threads of one worker, side by side.</summary>
public class ThreadPerCallTests : PythonTests
{
    [Fact]
    public async Task Calls_that_wait_for_each_other_meet_in_one_worker_and_share_its_objects()
    {
        await using PythonPool pool = CreateThreaded();
        PythonInterpreter interpreter = await pool.GetInterpreterAsync();
        Assert.True(interpreter.HasThreadPerCall);
        Task<int>[] meeting = [.. Enumerable.Range(0, 20).Select(_ => pool.CallAsync<int>("kmtests:meet_threads", 20))];
        Assert.All(await Task.WhenAll(meeting).WaitAsync(Deadline), static met => Assert.Equal(20, met));
        Assert.Single(await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => pool.CallAsync<int>("kmtests:pid"))).WaitAsync(Deadline) is var pids ? pids.Distinct() : []);
    }

    [Fact]
    public async Task No_more_run_at_once_than_allowed()
    {
        await using PythonPool pool = CreateThreaded(new() { MaxConcurrency = 3 });
        using var gate = new Gate();
        Task[] waiting = [.. Enumerable.Range(0, 10).Select(_ => pool.CallAsync<object?>("kmtests:reach", gate.Path + "-reached", gate.Path))];
        await Until(() => pool.Statistics.Running == 3, "three run");
        Assert.Equal((3, 7), (pool.Statistics.Running, pool.Statistics.Queued));
        gate.Open();
        await Task.WhenAll(waiting).WaitAsync(Deadline);
        File.Delete(gate.Path + "-reached");
    }

    [Needs("exceptions in other threads")]
    [Fact]
    public async Task One_call_is_cancelled_and_its_neighbours_go_on()
    {
        await using PythonPool pool = CreateThreaded(new() { KillGrace = Deadline });
        using Gate gate = new(), reached = new(), spinning = new();
        using var cancel = new CancellationTokenSource();
        Task neighbour = pool.CallAsync<object?>("kmtests:reach", reached.Path, gate.Path);
        await Reached(reached);
        Task<object?> cancelled = pool.CallAsync<object?>("kmtests:spin", PythonArguments.Of(spinning.Path), null, cancel.Token);
        await Reached(spinning);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled.WaitAsync(Deadline));
        Assert.False(neighbour.IsCompleted);
        gate.Open();
        await neighbour.WaitAsync(Deadline);
        Assert.Equal(0, pool.Statistics.Replaced);
    }

    [Needs("exceptions in other threads")]
    [Fact]
    public async Task A_cancellation_that_falls_into_a_finalizer_is_raised_once_more()
    {
        await using PythonPool pool = CreateThreaded(new() { KillGrace = Deadline });
        using Gate reached = new(), cleaned = new();
        using var cancel = new CancellationTokenSource();
        Task call = pool.CallAsync<object?>("kmtests:finalize_slowly", PythonArguments.Of(reached.Path, cleaned.Path), null, cancel.Token);
        await Reached(reached);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.WaitAsync(Deadline));
        Assert.Equal("interrupted", await File.ReadAllTextAsync(cleaned.Path));
        Assert.Equal((1, 0L), (await pool.CallAsync<int>("kmtests:same", 1).WaitAsync(Deadline), pool.Statistics.Replaced));
    }

    [Needs("exceptions in other threads")]
    [Fact]
    public async Task The_first_cancellation_too_is_raised_in_the_programs_code_and_not_in_the_agents()
    {
        await using PythonPool pool = CreateThreaded(new() { KillGrace = Deadline });
        using Gate reached = new(), gate = new(), told = new();
        using var cancel = new CancellationTokenSource();
        Task call = pool.CallAsync<object?>("kminterrupt:interrupted_where", PythonArguments.Of(reached.Path, gate.Path, told.Path), null, cancel.Token);
        await Reached(reached);
        await cancel.CancelAsync();
        await Until(() => pool.EvalAsync<bool>("'ctypes' in __import__('sys').modules").GetAwaiter().GetResult(), "it is to be interrupted");
        gate.Open();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.WaitAsync(Deadline));
        Assert.Equal("kminterrupt.py", await File.ReadAllTextAsync(told.Path));
    }

    [Fact]
    public async Task An_array_that_another_call_still_has_comes_out_as_a_copy()
    {
        await using PythonPool pool = CreateThreaded();
        using Gate reached = new(), gate = new();
        double[] array = [.. Enumerable.Range(0, 50_000)];
        Task holder = pool.CallAsync<object?>("kmtests:hold_array", array, reached.Path, gate.Path);
        await Reached(reached);
        AssertNumbers(array, await pool.CallAsync<double[]>("kmtests:kept_array").WaitAsync(Deadline));
        gate.Open();
        await holder.WaitAsync(Deadline);
        Assert.Equal(0, pool.Statistics.Replaced);
    }

    [Fact]
    public async Task A_call_that_waits_for_what_the_host_shares_is_cancelled_there()
    {
        await using PythonPool pool = CreateThreaded(new() { KillGrace = Deadline });
        using var never = new SharedEvent();
        using var cancel = new CancellationTokenSource();
        Task<bool> waiting = pool.CallAsync<bool>("kmtests:wait_for_ever", PythonArguments.Of(never), null, cancel.Token);
        await Until(() => pool.Statistics.Running == 1, "it waits");
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting.WaitAsync(Deadline));
        Assert.Equal((1, 0L), (await pool.CallAsync<int>("kmtests:same", 1).WaitAsync(Deadline), pool.Statistics.Replaced));
    }

    [Fact]
    public async Task Coroutines_streams_and_maps_run_on_threads_too()
    {
        await using PythonPool pool = CreateThreaded();
        Assert.Equal(7, await pool.CallAsync<int>("kmtests:aio_same", 7).WaitAsync(Deadline));
        Task<List<int>>[] streams = [.. Enumerable.Range(0, 5).Select(_ => ToListAsync(pool.StreamAsync<int>("kmtests:count", PythonArguments.Of(500))))];
        Assert.All(await Task.WhenAll(streams).WaitAsync(Deadline), static items => Assert.Equal(Enumerable.Range(0, 500), items));
        AssertItems([0, 1, 2, 3], await ToListAsync(pool.StreamAsync<int>("kmtests:aio_count", PythonArguments.Of(4))));
        int[] twice = await pool.MapToArrayAsync<int, int>("kmtests:twice", Enumerable.Range(0, 3000)).WaitAsync(Deadline);
        AssertNumbers([.. Enumerable.Range(0, 3000).Select(static n => n * 2)], twice);
    }

    [Fact]
    public async Task What_the_program_prints_and_how_it_exits_is_told()
    {
        var log = new RecordFactory();
        await using PythonPool pool = CreateThreaded(new() { LoggerFactory = log });
        await Task.WhenAll(Enumerable.Range(0, 8).Select(i => pool.ExecAsync($"for _ in range(50): print('line', {i}, 'whole')"))).WaitAsync(Deadline);
        await Until(() => log.Records.Count(static r => r.Category.EndsWith("Console.Out", StringComparison.Ordinal)) == 400, "all lines are there");
        Assert.All(log.Records.Where(static r => r.Category.EndsWith("Console.Out", StringComparison.Ordinal)), static r => Assert.Matches("^line [0-7] whole$", r.Message));
        Assert.Equal(4, (await Assert.ThrowsAsync<WorkerCrashedException>(() => pool.CallAsync<object?>("kmtests:exit_with", 4).WaitAsync(Deadline))).ExitCode);
    }

    private PythonPool CreateThreaded(PythonPoolOptions? options = null)
    {
        options ??= new();
        options.Setting(nameof(options.Threads), true);
        return Create(1, options);
    }
}

/// <summary>The same on another interpreter.</summary>
[SecondStage]
[Interpreter("pypy3")]
[Lacks("exceptions in other threads")]
public sealed class PyPyThreadPerCallTests : ThreadPerCallTests;
