using Kernmantle.Python.Tests.Interpreters;
using Kernmantle.Python.Tests.Pools;
using Microsoft.Extensions.Logging;

namespace Kernmantle.Python.Tests.Scripts;

/// <summary>Files as programs: what they find, how they end, what they print.</summary>
#pragma warning disable CA1001 // The factory has nothing to dispose of.
public class ScriptTests : PythonTests
#pragma warning restore CA1001
{
    private readonly RecordFactory log = new();

    private PythonPool New(int workers = 1, TimeSpan? killGrace = null) => Create(workers, new() { LoggerFactory = log, KillGrace = killGrace ?? TimeSpan.FromSeconds(1) });

    private async Task<(int Code, string[] Lines)> RunAsync(string source, params string[] arguments)
    {
        await using PythonPool pool = New();
        int code = await RunAsync(pool, source, arguments);
        return (code, Lines());
    }

    private static async Task<int> RunAsync(PythonPool pool, string source, params string[] arguments)
    {
        string folder = Directory.CreateTempSubdirectory().FullName, path = Path.Combine(folder, "program.py");
        await File.WriteAllTextAsync(path, source);
        try
        {
            return await pool.RunScriptAsync(path, arguments).WaitAsync(Deadline);
        }
        finally
        {
            Directory.Delete(folder, true);
        }
    }

    private string[] Lines() => [.. log.Records.Where(static r => r.Category == "Console.Out").Select(static r => r.Message)];

    [Fact]
    public async Task A_script_is_main_and_has_its_arguments()
    {
        (int code, string[] lines) = await RunAsync("import sys, os\nprint(__name__, sys.argv[1:], os.path.basename(sys.argv[0]), os.path.basename(__file__), len(__builtins__.__name__))\nimport __main__\nprint(__main__.sys is sys)", "a b", "ü");
        Assert.Equal(0, code);
        AssertItems(["__main__ ['a b', 'ü'] program.py program.py 8", "True"], lines);
    }

    [Fact]
    public async Task Threads_that_are_no_daemons_finish_first_and_atexit_runs()
    {
        (int code, string[] lines) = await RunAsync("""
            import threading, time, atexit
            atexit.register(print, "at exit")
            main_said, outer_said = threading.Event(), threading.Event()
            # The events make the order certain; the pauses, that the main thread has most likely ended before.
            def inner():
                outer_said.wait()
                time.sleep(0.05)
                print("inner")
            def outer():
                main_said.wait()
                time.sleep(0.05)
                threading.Thread(target=inner).start()
                print("outer")
                outer_said.set()
            def daemon():
                time.sleep(600)
                print("daemon")
            threading.Thread(target=outer).start()
            threading.Thread(target=daemon, daemon=True).start()
            print("main")
            main_said.set()
            """);
        Assert.Equal(0, code);
        AssertItems(["main", "outer", "inner", "at exit"], lines);
    }

    [Theory]
    [InlineData("import sys\nsys.exit()", 0)]
    [InlineData("import sys\nsys.exit(3)", 3)]
    [InlineData("import sys\nsys.exit(-1)", -1)]
    [InlineData("raise SystemExit", 0)]
    [InlineData("import sys\nsys.exit('the reason')", 1)]
    public async Task An_exit_gives_its_code(string source, int expected)
    {
        (int code, _) = await RunAsync(source);
        Assert.Equal(expected, code);
        Assert.Equal(source.Contains("reason", StringComparison.Ordinal), log.Records.Any(static r => r is { Category: "Console.Error", Message: "the reason" }));
    }

    [Fact]
    public async Task An_uncaught_exception_is_told_after_threads_and_atexit()
    {
        await using PythonPool pool = New();
        PythonException failure = await Assert.ThrowsAsync<PythonException>(() => RunAsync(pool, """
            import threading, time, atexit
            atexit.register(print, "at exit")
            threading.Thread(target=lambda: (time.sleep(0.05), print("thread"))).start()
            {}["key"]
            """));
        Assert.Equal("KeyError", failure.TypeName);
        Assert.Contains("program.py\", line 4", failure.Traceback, StringComparison.Ordinal);
        AssertItems(["thread", "at exit"], Lines());
    }

    [Fact]
    public async Task A_syntax_error_shows_its_line_and_a_caret()
    {
        await using PythonPool pool = New();
        PythonException failure = await Assert.ThrowsAsync<PythonException>(() => RunAsync(pool, "print('never')\nif True print('x')\n"));
        Assert.Equal("SyntaxError", failure.TypeName);
        Assert.Contains("line 2", failure.Traceback, StringComparison.Ordinal);
        Assert.Contains("if True print('x')", failure.Traceback, StringComparison.Ordinal);
        Assert.Contains("^", failure.Traceback, StringComparison.Ordinal);
        Assert.Empty(Lines());
        Assert.Equal("SyntaxError", (await Assert.ThrowsAsync<PythonException>(() => RunAsync(pool, "x = '\xff\n"))).TypeName);
    }

    [Fact]
    public async Task A_script_that_is_not_there_is_told_at_once()
    {
        await using PythonPool pool = New();
        FileNotFoundException failure = await Assert.ThrowsAsync<FileNotFoundException>(() => pool.RunScriptAsync("/no/such/file.py"));
        Assert.Equal("/no/such/file.py", failure.FileName);
        Assert.Equal(0, pool.Statistics.Failed);
    }

    [Fact]
    public async Task Standard_input_is_empty()
    {
        (_, string[] lines) = await RunAsync("import sys\nprint(repr(sys.stdin.read()))\ntry:\n  input('name? ')\nexcept EOFError:\n  print('end')");
        Assert.Equal("''", lines[0]);
        Assert.EndsWith("end", lines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_scripts_in_a_row_do_not_see_each_other()
    {
        await using PythonPool pool = New();
        Assert.Equal(0, await RunAsync(pool, "import sys, json\njson.mark = x = 1\nsys.path.append('/nowhere')"));
        Assert.Equal(0, await RunAsync(pool, "import sys, json\nassert not hasattr(json, 'mark')\nassert 'x' not in globals()\nassert '/nowhere' not in sys.path"));
        Assert.Equal(1, await pool.CallAsync<int>("kmtests:same", 1));
        Assert.Equal(0L, pool.Statistics.Failed);
    }

    [Fact]
    public async Task A_script_is_cancelled_and_times_out_like_a_call()
    {
        await using PythonPool pool = New(killGrace: Deadline);   // however slow the machine, it can clean up
        using Gate reached = new(), cleaned = new();
        string folder = Directory.CreateTempSubdirectory().FullName, path = Path.Combine(folder, "waits.py");
        await File.WriteAllTextAsync(path, $"import time\ntry:\n  open('{reached.Path}', 'w').close()\n  time.sleep(600)\nfinally:\n  open('{cleaned.Path}', 'w').close()");
        using var cancel = new CancellationTokenSource();
        Task<int> script = pool.RunScriptAsync(path, cancellationToken: cancel.Token);
        await Reached(reached);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => script.WaitAsync(Deadline));
        Assert.True(cleaned.IsOpen);
        await Assert.ThrowsAsync<CallTimeoutException>(() => pool.RunScriptAsync(path, options: new() { Timeout = TimeSpan.FromMilliseconds(100) }).WaitAsync(Deadline));
        Directory.Delete(folder, true);
    }

    [Fact]
    public async Task A_script_that_ends_its_process_is_told()
    {
        await using PythonPool pool = New();
        WorkerCrashedException crash = await Assert.ThrowsAsync<WorkerCrashedException>(() => RunAsync(pool, "import os\nprint('before')\nos._exit(5)"));
        Assert.Equal((CrashReason.Exited, 5), (crash.Reason, crash.ExitCode));
        Assert.Contains("before", crash.LastLogLines);
    }

    [Fact]
    public async Task A_script_may_use_processes()
    {
        string source = """
            import multiprocessing, os
            def work(n):
                return n * n, os.getpid()
            if __name__ == "__main__":
                for method in "fork", "spawn":
                    with multiprocessing.get_context(method).Pool(2) as pool:
                        results = pool.map(work, range(5))
                    print([r[0] for r in results], os.getpid() in [r[1] for r in results])
            """;
        (int code, string[] lines) = await RunAsync(source);
        Assert.Equal(0, code);
        AssertItems(["[0, 1, 4, 9, 16] False", "[0, 1, 4, 9, 16] False"], lines);
    }

    [Fact]
    public async Task Prints_arrive_line_by_line_from_all_threads()
    {
        (_, string[] lines) = await RunAsync("""
            import threading, sys
            def work(n):
                for i in range(200):
                    print("thread", n, "line", i)
            threads = [threading.Thread(target=work, args=(n,), name="worker %d" % n) for n in range(5)]
            for t in threads: t.start()
            for t in threads: t.join()
            print("a", end=""); print("b", end="-"); sys.stdout.flush(); print("c")
            print("one\ntwo\n\nfour")
            sys.stdout.write("no newline at the end")
            """);
        string[] all = [.. lines.Where(static l => l.StartsWith("thread", StringComparison.Ordinal))];
        Assert.Equal(1000, all.Length);
        for (int n = 0; n < 5; n++)
            Assert.Equal(Enumerable.Range(0, 200).Select(i => $"thread {n} line {i}"), all.Where(l => l.StartsWith($"thread {n} ", StringComparison.Ordinal)));
        AssertItems(["ab-c", "one", "two", "", "four", "no newline at the end"], lines.Where(static l => !l.StartsWith("thread", StringComparison.Ordinal)));
        Assert.Contains(log.Records, static r => r is { Category: "Console.Out", ThreadName: "worker 3" });
    }

    [Fact]
    public async Task Whatever_bytes_are_written_arrive_and_break_nothing()
    {
        (int code, _) = await RunAsync("""
            import os, sys
            os.write(1, b"bare\n")
            os.write(1, b"nul \x00 end\n")
            os.write(1, bytes(range(256)) + b"\n")
            os.write(2, b"\xff\xfe error\n")
            sys.stdout.buffer.write(b"binary \x80\n")
            sys.stdout.buffer.flush()
            sys.stderr.write("to stderr\n")
            print("lone \ud800 surrogate, nul \0 and \U0001f600")
            sys.stdout.reconfigure(encoding="utf-8", line_buffering=True)
            os.write(1, b"last without newline")
            """);
        Assert.Equal(0, code);
        await log.FindAsync(static r => r.Message == "bare");
        await log.FindAsync(static r => r.Message.StartsWith("nul ", StringComparison.Ordinal));
        await log.FindAsync(static r => r.Category == "Console.Error" && r.Message.EndsWith(" error", StringComparison.Ordinal));
        await log.FindAsync(static r => r.Message.StartsWith("binary ", StringComparison.Ordinal));
        await log.FindAsync(static r => r is { Category: "Console.Error", Message: "to stderr" });
        await log.FindAsync(static r => r.Message.StartsWith("lone ", StringComparison.Ordinal) && r.Message.EndsWith("\U0001f600", StringComparison.Ordinal));
        await log.FindAsync(static r => r.Message == "last without newline");
    }

    [Fact]
    public async Task A_program_may_replace_its_standard_streams()
    {
        await using PythonPool pool = New();
        Assert.Equal(0, await RunAsync(pool, "import sys, io\nsys.stdout = io.TextIOWrapper(sys.stdout.buffer, encoding='utf-8')\nprint('wrapped')"));
        await log.FindAsync(static r => r.Message == "wrapped");
        await pool.ExecAsync("import sys, io\nsys.stdout = sys.stderr = io.StringIO()\nprint('swallowed')");
        await pool.ExecAsync("sys.stdout = None");
        await pool.ExecAsync("class Broken:\n  def write(self, text): pass\n  def flush(self): raise ValueError('broken')\nsys.stdout = Broken()");
        Assert.Equal(1, await pool.CallAsync<int>("kmtests:same", 1));
        await pool.ExecAsync("import contextlib\nwith contextlib.redirect_stdout(io.StringIO()) as text: print('kept')");
        Assert.Equal("kept\n", await pool.EvalAsync<string>("text.getvalue()"));
    }

    [Fact]
    public async Task Records_of_logging_arrive_with_name_level_thread_and_exception()
    {
        (int code, _) = await RunAsync("""
            import logging, threading
            early = logging.getLogger("early.name")
            early.warning("before %s", "basicConfig")
            logging.basicConfig(level=logging.DEBUG, format="%(message)s")
            early.debug("debug")
            early.info("info")
            early.error("error")
            early.critical("critical")
            try:
                1 / 0
            except ZeroDivisionError:
                logging.exception("failed")
            thread = threading.Thread(target=lambda: early.info("from a thread"), name="the thread")
            thread.start(); thread.join()
            early.info("wrong %d arguments", "text")
            early.propagate = False
            early.info("not propagated")
            """);
        Assert.Equal(0, code);
        Assert.Equal(LogLevel.Warning, (await log.FindAsync(static r => r is { Category: "early.name", Message: "before basicConfig" })).Level);
        foreach (LogLevel level in (LogLevel[])[LogLevel.Debug, LogLevel.Error, LogLevel.Critical])
            await log.FindAsync(r => r.Category == "early.name" && r.Level == level && string.Equals(r.Message, level.ToString(), StringComparison.OrdinalIgnoreCase));
        Record failed = await log.FindAsync(static r => r.Message.StartsWith("failed", StringComparison.Ordinal));
        Assert.Equal(("root", LogLevel.Error), (failed.Category, failed.Level));
        Assert.Contains("ZeroDivisionError", failed.Exception + failed.Message, StringComparison.Ordinal);
        Assert.Equal("the thread", (await log.FindAsync(static r => r.Message == "from a thread")).ThreadName);
        Assert.Equal("MainThread", (await log.FindAsync(static r => r.Message == "info")).ThreadName);
        await log.FindAsync(static r => r is { Category: "early.name", Message: "not propagated" });
        Assert.Single(log.Records, static r => r.Message == "error");   // and not by the handler again
        await log.FindAsync(static r => r.Category == "Console.Error" && r.Message.Contains("Logging error", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_a_forked_child_prints_arrives_and_says_nothing_for_the_worker()
    {
        await using PythonPool pool = New();
        Assert.Equal(0, await pool.CallAsync<int>("kmtests:in_child_print", "from the child"));
        await log.FindAsync(static r => r.Message == "from the child");
        Assert.Equal((0L, 1), (pool.Statistics.Replaced, await pool.CallAsync<int>("kmtests:same", 1)));
    }
}

/// <summary>The same on PyPy.</summary>
[SecondStage]
[Interpreter("pypy3")]
public sealed class PyPyScriptTests : ScriptTests;
