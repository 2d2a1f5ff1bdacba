namespace Kernmantle.Python.Tests.Pools;

/// <summary>What goes wrong inside of a function, and what ends its process.</summary>
public abstract partial class PythonContract
{
    [Fact]
    public async Task What_a_function_raises_arrives_with_its_type_text_and_traceback()
    {
        PythonPool pool = await shared.GetAsync(this);
        PythonException failure = await Assert.ThrowsAsync<PythonException>(() => pool.CallAsync<int>("kmtests:fail", "grüß dich\0"));
        Assert.Equal(("ValueError", "grüß dich\0", "kmtests:fail"), (failure.TypeName, failure.Message, failure.CallName));
        Assert.Contains("kmtests.py", failure.Traceback, StringComparison.Ordinal);
        Assert.Contains("in fail", failure.Traceback, StringComparison.Ordinal);
        Assert.Contains("raise ValueError(message)", failure.Traceback, StringComparison.Ordinal);
        Assert.DoesNotContain("<kernmantle>", failure.Traceback, StringComparison.Ordinal);
        Assert.Contains(failure.Traceback, failure.ToString(), StringComparison.Ordinal);
        Assert.Contains((await Assert.ThrowsAsync<PythonException>(() => pool.CallAsync<object?>("json:loads", "{"))).TypeName, (string[])["json.decoder.JSONDecodeError", "ValueError"]);
        Assert.Equal(0, pool.Statistics.Replaced);
    }

    [Needs("chains of exceptions")]
    [Fact]
    public async Task The_chain_of_exceptions_arrives()
    {
        PythonPool pool = await shared.GetAsync(this);
        foreach (string function in (string[])["kmtests:chained", "kmtests:in_context"])
        {
            PythonException outer = await Assert.ThrowsAsync<PythonException>(() => pool.CallAsync<int>(function));
            Assert.Equal("KeyError", Assert.IsType<PythonException>(outer.InnerException).TypeName);
        }
        Assert.Null((await Assert.ThrowsAsync<PythonException>(() => pool.CallAsync<int>("kmtests:suppressed"))).InnerException);
        Exception? link = await Assert.ThrowsAsync<PythonException>(() => pool.CallAsync<int>("kmtests:deep_chain", 200));
        int length = 0;
        for (; link is not null; link = link.InnerException)
            length++;
        Assert.InRange(length, 10, 200);
        Assert.NotNull((await Assert.ThrowsAsync<PythonException>(() => pool.CallAsync<int>("kmtests:circle"))).InnerException);
        Assert.Equal(0, pool.Statistics.Replaced);
    }

    [Fact]
    public async Task An_exception_that_has_no_text_arrives_without_one()
    {
        PythonPool pool = await shared.GetAsync(this);
        Assert.Equal("kmtests.Unprintable", (await Assert.ThrowsAsync<PythonException>(() => pool.CallAsync<int>("kmtests:unprintable"))).TypeName);
    }

    [Fact]
    public async Task A_syntax_error_shows_its_line_and_a_caret()
    {
        PythonPool pool = await shared.GetAsync(this);
        PythonException failure = await Assert.ThrowsAsync<PythonException>(() => pool.ExecAsync("x = 1\ny = = 2\n"));
        Assert.Equal("SyntaxError", failure.TypeName);
        Assert.Contains("line 2", failure.Traceback, StringComparison.Ordinal);
        Assert.Contains("y = = 2", failure.Traceback, StringComparison.Ordinal);
        Assert.Contains("^", failure.Traceback, StringComparison.Ordinal);
        Assert.Equal("SyntaxError", (await Assert.ThrowsAsync<PythonException>(() => pool.EvalAsync<int>("1 +"))).TypeName);
        Assert.Equal("ValueError", (await Assert.ThrowsAsync<PythonException>(() => pool.EvalAsync<int>("int('x')"))).TypeName);
    }

    [Fact]
    public async Task Recursion_memory_and_a_KeyboardInterrupt_of_its_own_are_exceptions_like_others()
    {
        PythonPool pool = await shared.GetAsync(this);
        Assert.Contains((await Assert.ThrowsAsync<PythonException>(() => pool.CallAsync<int>("kmtests:recurse"))).TypeName, (string[])["RecursionError", "RuntimeError"]);
        Assert.Contains((await Assert.ThrowsAsync<PythonException>(() => pool.CallAsync<int>("kmtests:no_memory"))).TypeName, (string[])["MemoryError", "OverflowError"]);
        Assert.Equal("KeyboardInterrupt", (await Assert.ThrowsAsync<PythonException>(() => pool.CallAsync<int>("kmtests:interrupt_itself"))).TypeName);
        Assert.Equal((0L, 1), (pool.Statistics.Replaced, await pool.CallAsync<int>("kmtests:same", 1)));
    }

    [Theory]
    [InlineData("kmtests:exit_with")]
    [InlineData("kmtests:exit_now")]
    [InlineData("kmtests:aio_exit", Traits = [NeedsAttribute.Trait, "asyncio"])]
    [InlineData("kmtests:aio_sys_exit", Traits = [NeedsAttribute.Trait, "asyncio"])]
    public async Task An_exit_fails_its_call_and_the_next_one_runs(string function)
    {
        await using PythonPool pool = Create(1, new() { RestartLimit = 0 });   // no death that a call does not explain
        for (int i = 0; i < 2; i++)
        {
            WorkerCrashedException failure = await Assert.ThrowsAsync<WorkerCrashedException>(() => pool.CallAsync<int>(function, 7).WaitAsync(Deadline));
            Assert.Equal((CrashReason.Exited, 7, function), (failure.Reason, failure.ExitCode, failure.CallName));
        }
        Assert.Equal(1, await pool.CallAsync<int>("kmtests:same", 1).WaitAsync(Deadline));
        Assert.Equal(2, pool.Statistics.Replaced);
    }

    [Needs("ctypes")]
    [Fact]
    public async Task Crashes_in_native_code_are_told_with_the_signal_and_the_last_lines()
    {
        await using PythonPool pool = Create();
        WorkerCrashedException crash = await Assert.ThrowsAsync<WorkerCrashedException>(() => pool.CallAsync<int>("kmtests:crash").WaitAsync(Deadline));
        Assert.Equal((CrashReason.Signal, 11), (crash.Reason, crash.Signal));
        if (!Interpreter.Contains("pypy", StringComparison.Ordinal))
            Assert.Contains(crash.LastLogLines, static l => l.Contains("Segmentation fault", StringComparison.Ordinal));
        crash = await Assert.ThrowsAsync<WorkerCrashedException>(() => pool.CallAsync<int>("kmtests:abort").WaitAsync(Deadline));
        Assert.Equal(6, crash.Signal);
        crash = await Assert.ThrowsAsync<WorkerCrashedException>(() => pool.CallAsync<int>("kmtests:kill_itself", 9).WaitAsync(Deadline));
        Assert.Equal((CrashReason.Signal, 9), (crash.Reason, crash.Signal));
    }

    [Fact]
    public async Task A_workers_death_fails_the_begun_call_and_moves_the_others()
    {
        await using PythonPool pool = Create();
        using Gate gate = new(), reached = new();
        int pid = await pool.CallAsync<int>("kmtests:pid");
        Task begun = pool.CallAsync<object?>("kmtests:reach", reached.Path, gate.Path);
        Task<int>[] waiting = [.. Enumerable.Range(0, 20).Select(i => pool.CallAsync<int>("kmtests:same", i))];
        await Reached(reached);
        System.Diagnostics.Process.GetProcessById(pid).Kill();
        WorkerCrashedException failure = await Assert.ThrowsAsync<WorkerCrashedException>(() => begun.WaitAsync(Deadline));
        Assert.Equal(9, failure.Signal);
        Assert.Equal(Enumerable.Range(0, 20), await Task.WhenAll(waiting).WaitAsync(Deadline));
    }

    [Fact]
    public async Task A_worker_killed_while_idle_is_replaced_and_nobody_notices()
    {
        await using PythonPool pool = Create();
        int pid = await pool.CallAsync<int>("kmtests:pid");
        System.Diagnostics.Process.GetProcessById(pid).Kill();
        Assert.NotEqual(pid, await pool.CallAsync<int>("kmtests:pid").WaitAsync(Deadline));
    }

    [Fact]
    public async Task Workers_that_die_at_start_break_the_pool_with_the_cause()
    {
        await using PythonPool pool = Create(1, new() { Setup = "raise ValueError('not today')", RestartLimit = 1 });
        PoolBrokenException broken = await Assert.ThrowsAsync<PoolBrokenException>(() => pool.CallAsync<int>("kmtests:same", 1).WaitAsync(Deadline));
        Assert.Equal("ValueError", Assert.IsType<PythonException>(broken.InnerException).TypeName);
        Assert.Contains("not today", broken.Message, StringComparison.Ordinal);
        Assert.Contains("Setup", broken.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<PoolBrokenException>(() => pool.StartAsync());
        await Assert.ThrowsAsync<PoolBrokenException>(() => pool.GetInterpreterAsync());

        await using PythonPool second = Create(1, new() { Setup = "import os\nprint('last words')\nos._exit(3)", RestartLimit = 1 });
        broken = await Assert.ThrowsAsync<PoolBrokenException>(() => second.StartAsync().WaitAsync(Deadline));
        WorkerCrashedException crash = Assert.IsType<WorkerCrashedException>(broken.InnerException);
        Assert.Equal((CrashReason.DiedAtStart, 3), (crash.Reason, crash.ExitCode));
        Assert.Contains("last words", crash.LastLogLines);
    }
}
