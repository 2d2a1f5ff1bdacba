using System.Numerics;
using System.Runtime.Versioning;
using Kernmantle.Python.Tests.Interpreters;

namespace Kernmantle.Python.Tests.Pools;

/// <summary>What is Jython's own: calls on threads at once, Java, and Python 2's text.</summary>
[SupportedOSPlatform("linux")]
[Interpreter("jython")]
public sealed class JythonTests(JythonTests.Pool shared) : PythonTests, IClassFixture<JythonTests.Pool>
{
    /// <summary>It starts in seconds: one for all tests that do not end it.</summary>
    public sealed class Pool : IAsyncDisposable
    {
        private PythonPool? pool;

        internal async Task<PythonPool> GetAsync(JythonTests test)
        {
            pool ??= test.Create(1, new() { KillGrace = Deadline });
            await pool.StartAsync();
            Assert.Equal(0, pool.Statistics.Replaced);
            return pool;
        }

        public async ValueTask DisposeAsync()
        {
            if (pool is not null)
                await pool.KillAsync();
        }
    }

    [Fact]
    public async Task The_interpreter_is_told_with_its_threads_and_without_a_lock()
    {
        PythonPool pool = await shared.GetAsync(this);
        PythonInterpreter interpreter = await pool.GetInterpreterAsync();
        Assert.Equal(("jython", 2, 7, false, true), (interpreter.Implementation, interpreter.Version.Major, interpreter.Version.Minor, interpreter.HasGlobalLock, interpreter.HasThreadPerCall));
        Assert.Equal(await pool.EvalAsync<string>("__import__('sys').executable"), interpreter.Executable);
    }

    [Fact]
    public async Task Calls_run_side_by_side_on_threads_of_one_worker()
    {
        PythonPool pool = await shared.GetAsync(this);
        long[] threads = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => pool.CallAsync<long>("kmtests:meet"))).WaitAsync(Deadline);
        Assert.Equal(20, threads.Distinct().Count());
        using var file = new Gate();
        int[] computed = await Task.WhenAll(Enumerable.Range(0, 3).Select(i => pool.CallAsync<int>("kmtests:compute_with", i, 3, file.Path))).WaitAsync(Deadline);
        AssertItems([0, 1, 2], computed);
    }

    [Fact]
    public async Task No_more_threads_run_at_once_than_allowed()
    {
        await using PythonPool pool = Create(1, new() { MaxConcurrency = 3 });
        using Gate gate = new(), reached = new();
        Task[] calls = [.. Enumerable.Range(0, 10).Select(_ => pool.CallAsync<object?>("kmtests:reach", reached.Path, gate.Path))];
        await Until(() => pool.Statistics.Running == 3, "three run");
        Assert.Equal((3, 7), (pool.Statistics.Running, pool.Statistics.Queued));
        gate.Open();
        await Task.WhenAll(calls).WaitAsync(Deadline);
    }

    [Fact]
    public async Task Calls_with_an_equal_key_run_in_order_and_others_beside_them()
    {
        PythonPool pool = await shared.GetAsync(this);
        using Gate file = new(), gate = new(), reached = new();
        Task other = pool.CallAsync<object?>("kmtests:reach", reached.Path, gate.Path);
        await Task.WhenAll(Enumerable.Range(0, 50).Select(i => pool.CallAsync<object?>("kmtests:append", PythonArguments.Of(file.Path, $"{i} "), new() { Key = "k" }))).WaitAsync(Deadline);
        Assert.Equal(string.Join(' ', Enumerable.Range(0, 50)) + " ", await File.ReadAllTextAsync(file.Path));
        Assert.False(other.IsCompleted);
        gate.Open();
        await other.WaitAsync(Deadline);
    }

    [Theory]
    [InlineData("kmtests:reach", true)]
    [InlineData("kmtests:reach_and_compute", true)]
    [InlineData("kmtests:interrupted_wait", false)]
    public async Task One_call_is_cancelled_and_the_others_go_on(string function, bool hasGate)
    {
        PythonPool pool = await shared.GetAsync(this);
        using Gate gate = new(), reached = new(), mine = new(), never = new();
        Task[] others = [.. Enumerable.Range(0, 3).Select(_ => pool.CallAsync<object?>("kmtests:reach_and_compute", reached.Path, gate.Path))];
        using var cancel = new CancellationTokenSource();
        Task cancelled = pool.CallAsync<object?>(function, hasGate ? PythonArguments.Of(mine.Path, never.Path) : PythonArguments.Of(mine.Path), null, cancel.Token);
        await Reached(mine);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled.WaitAsync(Deadline));
        Assert.All(others, static o => Assert.False(o.IsCompleted));
        gate.Open();
        await Task.WhenAll(others).WaitAsync(Deadline);
        Assert.Equal(0, pool.Statistics.Replaced);
    }

    [Theory]
    [InlineData("kmtests:clean_up_until")]
    [InlineData("kmtests:compute_and_clean_up")]
    public async Task What_was_interrupted_cleans_up_undisturbed(string function)
    {
        PythonPool pool = await shared.GetAsync(this);
        using Gate reached = new(), cleaning = new(), gate = new(), cleaned = new();
        using var cancel = new CancellationTokenSource();
        Task call = pool.CallAsync<object?>(function, PythonArguments.Of(reached.Path, cleaning.Path, gate.Path, cleaned.Path), null, cancel.Token);
        await Reached(reached);
        await cancel.CancelAsync();
        await Reached(cleaning);
        Assert.Equal(1, await pool.CallAsync<int>("kmtests:same", 1).WaitAsync(Deadline));
        gate.Open();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.WaitAsync(Deadline));
        Assert.Equal("once", await File.ReadAllTextAsync(cleaned.Path));
    }

    [Fact]
    [Repeated]
    public async Task An_interrupt_that_comes_between_computing_and_waiting_is_not_lost()
    {
        PythonPool pool = await shared.GetAsync(this);
        var random = new Random(1);
        for (int i = 0; i < Repetitions.Of(quick: 30, atLength: 500); i++)
        {
            using var cancel = new CancellationTokenSource();
            Task call = pool.CallAsync<object?>("kmtests:sleep_or_spin", PythonArguments.Of(random.Next(3000)), null, cancel.Token);
            await pool.CallAsync<int>("kmtests:same", 1).WaitAsync(Deadline);
            Thread.SpinWait(random.Next(20_000));
            await cancel.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.WaitAsync(Deadline));
        }
        Assert.Equal((0L, 0, 0), (pool.Statistics.Replaced, pool.Statistics.Running, pool.Statistics.Queued));
    }

    [Fact]
    [Repeated]
    public async Task Calls_cancelled_at_any_moment_end_and_hit_no_other()
    {
        PythonPool pool = await shared.GetAsync(this);
        var random = new Random(1);
        for (int round = 0; round < Repetitions.Of(quick: 3, atLength: 60); round++)
        {
            var calls = new List<(Task<int> Call, CancellationTokenSource? Cancel, int Expected)>();
            for (int i = 0; i < 50; i++)
            {
                var cancel = new CancellationTokenSource();
                calls.Add((pool.CallAsync<int>("kmtests:same", PythonArguments.Of(i), null, cancel.Token), cancel, i));
                calls.Add((pool.CallAsync<int>("kmtests:slow_item", i), null, i));
                Thread.SpinWait(random.Next(2000));
                if (calls[random.Next(calls.Count)].Cancel is { } victim)
                    await victim.CancelAsync();
            }
            foreach ((Task<int> call, CancellationTokenSource? cancel, int expected) in calls)
            {
                try
                {
                    Assert.Equal(expected, await call.WaitAsync(Deadline));
                }
                catch (OperationCanceledException) when (cancel is { IsCancellationRequested: true })
                {
                    // As asked.
                }
                cancel?.Dispose();
            }
        }
        Assert.Equal((0L, 0, 0), (pool.Statistics.Replaced, pool.Statistics.Running, pool.Statistics.Queued));
    }

    [Fact]
    public async Task A_call_that_follows_no_interrupt_takes_its_neighbours_along_and_they_are_told_so()
    {
        await using PythonPool pool = Create(1, new() { KillGrace = TimeSpan.FromMilliseconds(50) });
        using Gate reached = new(), mine = new(), gate = new();
        Task neighbour = pool.CallAsync<object?>("kmtests:reach", reached.Path, gate.Path);
        await Reached(reached);
        using var cancel = new CancellationTokenSource();
        Task call = pool.CallAsync<object?>("kmtests:hold_lock", PythonArguments.Of(mine.Path), new() { Name = "culprit" }, cancel.Token);
        await Reached(mine);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.WaitAsync(Deadline));
        WorkerCrashedException failure = await Assert.ThrowsAsync<WorkerCrashedException>(() => neighbour.WaitAsync(Deadline));
        Assert.Contains("culprit", failure.Message, StringComparison.Ordinal);
        Assert.Equal(1, await pool.CallAsync<int>("kmtests:same", 1).WaitAsync(Deadline));
    }

    [Fact]
    public async Task Javas_classes_are_there_and_their_values_come_here()
    {
        PythonPool pool = await shared.GetAsync(this);
        object?[] values = await pool.CallAsync<object?[]>("kmtests:with_java", (object)new List<string> { "pear", "fig", "fig" });
        var lengths = Assert.IsType<Dictionary<object, object?>>(values[0]);
        AssertItems([3L, 3L], Assert.IsType<List<object?>>(lengths["fig"]).Cast<long>());
        Assert.Equal(["fig", "pear"], Assert.IsType<HashSet<object?>>(values[1]).Cast<string>().Order());
        Assert.Equal(BigInteger.Pow(2, 100), values[2]);
        AssertItems([1.5], Assert.IsType<double[]>(values[3]));
        Assert.Equal(3, await pool.EvalAsync<int>("__import__('java.util').util.ArrayList(range(3)).size()"));
    }

    [Fact]
    public async Task What_Java_throws_arrives_with_its_type_text_and_causes()
    {
        PythonPool pool = await shared.GetAsync(this);
        PythonException failure = await Assert.ThrowsAsync<PythonException>(() => pool.CallAsync<int>("kmtests:fail_in_java", "x"));
        Assert.Equal(("java.lang.IllegalStateException", "no number"), (failure.TypeName, failure.Message));
        Assert.Contains("in fail_in_java", failure.Traceback, StringComparison.Ordinal);
        PythonException cause = Assert.IsType<PythonException>(failure.InnerException);
        Assert.Equal("java.lang.NumberFormatException", cause.TypeName);
        Assert.Contains("parseInt", cause.Traceback, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_str_that_is_UTF8_is_text_and_bytes_where_bytes_are_wanted()
    {
        PythonPool pool = await shared.GetAsync(this);
        Dictionary<string, object> values = await pool.CallAsync<Dictionary<string, object>>("kmtests:text_and_bytes");
        Assert.Equal(("grüß", "ä"), (values["text"], values["unicode"]));
        AssertItems<byte>([0xff, 0xfe], Assert.IsType<byte[]>(values["bytes"]));
        AssertItems("abc"u8.ToArray(), Assert.IsType<byte[]>(values["array"]));
        AssertItems("grüß"u8.ToArray(), await pool.EvalAsync<byte[]>("'gr\\xc3\\xbc\\xc3\\x9f'"));
        AssertItems("grüß"u8.ToArray(), await pool.EvalAsync<List<byte>>("'gr\\xc3\\xbc\\xc3\\x9f'"));
        PythonConversionException mismatch = await Assert.ThrowsAsync<PythonConversionException>(() => pool.EvalAsync<string>("'\\xff'"));
        Assert.Equal("bytes", mismatch.PythonType);
        await Assert.ThrowsAsync<PythonConversionException>(() => pool.EvalAsync<byte[]>("u'text'"));
        Assert.Equal("unicode str", await pool.EvalAsync<string>("type(a).__name__ + ' ' + type(b).__name__", new Dictionary<string, object?> { ["a"] = "a", ["b"] = "b"u8.ToArray() }));
    }

    public sealed record Point(int X, double Y);

    [Fact]
    public async Task Records_are_objects_with_their_fields_and_named_tuples_come_back_as_records()
    {
        PythonPool pool = await shared.GetAsync(this);
        Assert.Equal(new Point(1, 2.5), await pool.CallAsync<Point>("kmtests:point", 1, 2.5));
        Assert.Equal(3.5, await pool.CallAsync<double>("kmtests:sum_of_point", PythonArguments.None.With("p", new Point(1, 2.5))));
        Assert.Equal(new Point(1, 2.5), await pool.CallAsync<Point>("kmtests:same", new Point(1, 2.5)));
    }

    [Fact]
    public async Task An_array_of_two_dimensions_is_a_list_of_arrays()
    {
        PythonPool pool = await shared.GetAsync(this);
        int[][] rows = await pool.CallAsync<int[][]>("kmtests:reversed_rows", new int[,] { { 1, 2 }, { 3, 4 } });
        AssertItems([2, 1], rows[0]);
        AssertItems([4, 3], rows[1]);
    }

    [Theory]
    [InlineData((ushort)60_000)]
    [InlineData(4_000_000_000)]
    [InlineData(ulong.MaxValue)]
    [InlineData((short)-5)]
    [InlineData((sbyte)-5)]
    [InlineData(true)]
    public async Task Arrays_of_every_number_come_back_as_they_are<T>(T value)
        where T : IEquatable<T>
    {
        PythonPool pool = await shared.GetAsync(this);
        T[] few = [value, default!, value], many = [.. Enumerable.Repeat(few, 30_000).SelectMany(static each => each)];
        AssertNumbers(few, await pool.CallAsync<T[]>("kmtests:same", few));
        AssertNumbers(many, await pool.CallAsync<T[]>("kmtests:same", many));
    }

    [Fact]
    public async Task What_stays_in_the_host_is_refused_with_the_remedy()
    {
        PythonPool pool = await shared.GetAsync(this);
        NotPortableException refused = await Assert.ThrowsAsync<NotPortableException>(() => pool.CallAsync<object?>("kmtests:same", System.Threading.Channels.Channel.CreateUnbounded<int>()));
        Assert.Contains("CPython", refused.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Jython_by_another_name_is_told()
    {
        string folder = Directory.CreateTempSubdirectory().FullName, link = Path.Combine(folder, "python3");
        await File.WriteAllTextAsync(link, $"#!/bin/sh\nexec {Executable} \"$@\"\n");
        File.SetUnixFileMode(link, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        await using (PythonPool pool = Create(1, new() { Interpreter = link, RestartLimit = 0 }))
        {
            PoolBrokenException broken = await Assert.ThrowsAsync<PoolBrokenException>(() => pool.StartAsync().WaitAsync(Deadline));
            Assert.Contains("begins with 'jython'", broken.Message, StringComparison.Ordinal);
        }
        Directory.Delete(folder, true);
    }

    [Fact]
    public async Task A_module_in_Python_3_is_a_syntax_error_that_says_what_to_do()
    {
        string folder = Directory.CreateTempSubdirectory().FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "kmthree.py"), "async def f(a: int) -> int:\n    return a\n");
        await using (PythonPool pool = Create(1, new() { ModulePaths = [folder] }))
        {
            PythonException failure = await Assert.ThrowsAsync<PythonException>(() => pool.CallAsync<int>("kmthree:f", 1));
            Assert.Equal("SyntaxError", failure.TypeName);
            Assert.Contains("PythonPoolOptions.Interpreter", failure.Message, StringComparison.Ordinal);
            Assert.Contains("kmthree.py", failure.Traceback, StringComparison.Ordinal);
        }
        Directory.Delete(folder, true);
    }

    [Fact]
    public async Task A_map_computes_on_threads_and_an_item_that_ends_the_worker_is_lost_alone_in_its_batch()
    {
        await using PythonPool pool = Create();
        using var file = new Gate();
        AssertItems(Enumerable.Range(0, 2000).Select(static n => 2 * n).ToArray(), await pool.MapToArrayAsync<int, int>("kmtests:twice", Enumerable.Range(0, 2000)).WaitAsync(Deadline));
        List<MapResult<(int, int, string), int>> results = await ToListAsync(
            pool.MapAsync<(int, int, string), int>("kmtests:die_at_or_log", Enumerable.Range(0, 300).Select(i => (i, 200, file.Path))));
        Assert.Equal(9, Assert.Throws<WorkerCrashedException>(() => results[200].Value).ExitCode);
        Assert.InRange(results.Count(static r => r.Failure is not null), 1, 3 + Environment.ProcessorCount);
        Assert.All(results, static r => Assert.True(r.Failure is WorkerCrashedException || r.Value == r.Input.Item1));
    }

    [Fact]
    public async Task Prints_and_records_of_logging_arrive_with_their_threads()
    {
        var log = new RecordFactory();
        await using PythonPool pool = Create(1, new() { LoggerFactory = log });
        await pool.ExecAsync("import logging, sys\nprint u'gr\\xfc\\xdf', 1,\nprint 'end'\nsys.stderr.write('error\\nunfinished')\nlogging.getLogger('a.b').warning('warned %d', 1)\nfrom java.lang import System\nSystem.out.println('from Java')");
        Assert.Equal("call", (await log.FindAsync(static r => r is { Category: "Console.Out", Message: "grüß 1 end" })).ThreadName);
        await log.FindAsync(static r => r is { Category: "Console.Error", Message: "unfinished" });
        await log.FindAsync(static r => r is { Category: "a.b", Message: "warned 1", Level: Microsoft.Extensions.Logging.LogLevel.Warning });
        await log.FindAsync(static r => r.Message == "from Java");
        Assert.DoesNotContain(log.Records, static r => r.Message.Contains("No handlers", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("import sys\nprint __name__, sys.argv[1:]\nsys.exit(3)", 3, "__main__ ['a']")]
    [InlineData("import atexit, threading, time\ndef said(text): print text\natexit.register(said, 'at exit')\nthreading.Thread(target=lambda: time.sleep(0.05) or said('thread')).start()", 0, "thread at exit")]
    public async Task A_script_runs_to_its_end(string source, int expected, string said)
    {
        var log = new RecordFactory();
        string path = Path.Combine(Directory.CreateTempSubdirectory().FullName, "program.py");
        await File.WriteAllTextAsync(path, source);
        await using (PythonPool pool = Create(1, new() { LoggerFactory = log }))
            Assert.Equal(expected, await pool.RunScriptAsync(path, ["a"]).WaitAsync(Deadline));
        Assert.Equal(said, string.Join(' ', log.Records.Where(static r => r.Category == "Console.Out").Select(static r => r.Message)));
        Directory.Delete(Path.GetDirectoryName(path)!, true);
    }
}
