using System.Numerics;
using Microsoft.Extensions.Time.Testing;

namespace Kernmantle.Python.Tests.Pools;

/// <summary>Which functions run, and what goes in and comes out.</summary>
public abstract partial class PythonContract
{
    [Fact]
    public async Task Every_way_to_name_a_function_works()
    {
        PythonPool pool = await shared.GetAsync(this);
        Assert.Equal(3, await pool.CallAsync<int>("kmtests:add", 1, 2));
        Assert.Equal("method", await pool.CallAsync<string>("kmtests:box.method"));
        Assert.Equal(5, await pool.CallAsync<int>("len", "abcde"));
        Assert.Equal(5, await pool.CallAsync<int>("builtins:len", "abcde"));
        Assert.Equal("a/b", await pool.CallAsync<string>("os.path:join", "a", "b"));
        Assert.Equal(2.0, await pool.CallAsync<double>("math.sqrt", 4));
        await pool.CallAsync<object?>("kmtests:nothing");
    }

    [Fact]
    public async Task Arguments_go_by_position_and_by_name()
    {
        PythonPool pool = await shared.GetAsync(this);
        Assert.Equal("(1, 'a', None) [('k', [1, 2]), ('ä', True)]", await pool.CallAsync<string>("kmtests:describe", PythonArguments.Of(1, "a", null).With("k", new List<int> { 1, 2 }).With("ä", true)));
        Assert.Equal(127, await pool.CallAsync<int>("kmtests:keyword_only", PythonArguments.Of(1).With("c", 7)));
        PythonException missing = await Assert.ThrowsAsync<PythonException>(() => pool.CallAsync<int>("kmtests:keyword_only", 1, 2));
        Assert.Equal("TypeError", missing.TypeName);
    }

    [Fact]
    public async Task Options_behind_the_name_of_a_function_are_options_and_no_argument()
    {
        await using PythonPool pool = Create(1, new() { Setup = "def forever():\n    while True: pass" });
        CallOptions options = new() { Timeout = Short };
        Assert.Equal("() []", await pool.CallAsync<string>("kmtests:describe", new CallOptions { Timeout = TimeSpan.FromMinutes(2) }));
        await Assert.ThrowsAsync<CallTimeoutException>(() => pool.CallAsync<object?>("__main__:forever", options));
        await Assert.ThrowsAsync<CallTimeoutException>(() => ToListAsync(pool.StreamAsync<object?>("__main__:forever", options)));
    }

    [Fact]
    public async Task Options_among_the_arguments_are_refused_with_the_remedy()
    {
        PythonPool pool = await shared.GetAsync(this);
        CallOptions options = new() { Timeout = TimeSpan.FromMinutes(2) };
        NotPortableException[] refusals =
        [
            await Assert.ThrowsAsync<NotPortableException>(() => pool.CallAsync<string>("kmtests:describe", 1, options)),
            await Assert.ThrowsAsync<NotPortableException>(() => pool.CallAsync<string>("kmtests:describe", PythonArguments.Of(options))),
            await Assert.ThrowsAsync<NotPortableException>(() => pool.CallAsync<string>("kmtests:describe", PythonArguments.None.With("options", options))),
            await Assert.ThrowsAsync<NotPortableException>(() => ToListAsync(pool.StreamAsync<string>("kmtests:describe", 1, options))),
            await Assert.ThrowsAsync<NotPortableException>(() => pool.EvalAsync<int>("1", new Dictionary<string, object?> { ["options"] = options })),
        ];
        Assert.All(refusals, static refused => Assert.Equal(("CallOptions", true), (refused.Subject, refused.Remedy.Contains("behind the arguments", StringComparison.Ordinal))));
        Assert.Contains("PythonArguments.Of", (await Assert.ThrowsAsync<NotPortableException>(() => pool.CallAsync<string>("kmtests:describe", 1, PythonArguments.Of(2)))).Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Streams_take_arguments_as_calls_do()
    {
        PythonPool pool = await shared.GetAsync(this);
        AssertItems([0, 1, 2, 3, 4], await ToListAsync(pool.StreamAsync<int>("kmtests:count", 5)));
        AssertItems([2, 3], await ToListAsync(pool.StreamAsync<int>("range", 2, 4)));
        AssertItems([1, 2, 3], await ToListAsync(pool.StreamAsync<int>("kmtests:awaited_list")));
        AssertItems([1, 2, 3], await ToListAsync(pool.StreamAsync<int>("kmtests:awaited_list", cancellationToken: CancellationToken.None)));
    }

    [Fact]
    public async Task What_is_executed_stays_and_can_be_called_redefined_and_evaluated()
    {
        await using PythonPool pool = Create();
        await pool.ExecAsync("import math\ndef f(x):\n    return x + n", new Dictionary<string, object?> { ["n"] = 10 });
        Assert.Equal(15, await pool.CallAsync<int>("__main__:f", 5));
        await pool.ExecAsync("def f(x):\n    return x - n");
        Assert.Equal(-5, await pool.CallAsync<int>("__main__:f", 5));
        Assert.Equal(21.0, await pool.EvalAsync<double>("math.sqrt(a) + n + f(b) ", new Dictionary<string, object?> { ["a"] = 9.0, ["b"] = 18 }));
        Assert.Equal(1, await pool.EvalAsync<int>("  1"));
        await Assert.ThrowsAsync<PythonException>(() => pool.EvalAsync<double>("a"));   // a variable of an expression is gone with it
        Assert.Equal(10, await pool.EvalAsync<int>("n"));
    }

    [Fact]
    public async Task A_function_that_is_replaced_in_its_module_is_found()
    {
        await using PythonPool pool = Create();
        Assert.Equal(4, await pool.CallAsync<int>("kmtests:twice", 2));
        await pool.ExecAsync("import kmtests\nkmtests.twice = lambda n: n * 3");
        Assert.Equal(6, await pool.CallAsync<int>("kmtests:twice", 2));
        await pool.ExecAsync("try:\n  from importlib import reload\nexcept ImportError:\n  pass   # Python 2 has it built in\nreload(kmtests)");
        Assert.Equal(4, await pool.CallAsync<int>("kmtests:twice", 2));
        await pool.ExecAsync("del kmtests.twice");
        await Assert.ThrowsAsync<PythonFunctionNotFoundException>(() => pool.CallAsync<int>("kmtests:twice", 2));
    }

    [Fact]
    public async Task Setup_code_runs_in_every_worker_before_its_first_call()
    {
        await using PythonPool pool = Create(2, new() { Setup = "import os\nprepared = os.getpid()" });
        for (int i = 0; i < 8; i++)
            Assert.True(await pool.EvalAsync<bool>("prepared == os.getpid()"));
        await Assert.ThrowsAsync<WorkerCrashedException>(() => pool.CallAsync<object?>("kmtests:exit_now", 3));
        for (int i = 0; i < 8; i++)
            Assert.True(await pool.EvalAsync<bool>("prepared == os.getpid()"));
    }

    [Fact]
    public async Task Modules_are_looked_for_in_the_given_folders_first()
    {
        string first = Directory.CreateTempSubdirectory().FullName, second = Directory.CreateTempSubdirectory().FullName;
        await File.WriteAllTextAsync(Path.Combine(first, "kmplace.py"), "def f(): return 1");
        await File.WriteAllTextAsync(Path.Combine(second, "kmplace.py"), "def f(): return 2");
        await File.WriteAllTextAsync(Path.Combine(second, "colorsys.py"), "def f(): return 3");
        await using (PythonPool pool = Create(1, new() { ModulePaths = [first, second] }))
        {
            Assert.Equal(1, await pool.CallAsync<int>("kmplace:f"));
            Assert.Equal(3, await pool.CallAsync<int>("colorsys:f"));
        }
        Directory.Delete(first, true);
        Directory.Delete(second, true);
    }

    [Fact]
    public async Task What_is_not_there_is_told_with_the_remedy()
    {
        PythonPool pool = await shared.GetAsync(this);
        async Task<string> Missing(string function) => (await Assert.ThrowsAsync<PythonFunctionNotFoundException>(() => pool.CallAsync<int>(function))).Message;
        Assert.Contains("ModulePaths", await Missing("kmnowhere:f"), StringComparison.Ordinal);
        Assert.Contains("kmnowhere", await Missing("kmnowhere.inner:f"), StringComparison.Ordinal);
        Assert.Contains("has no 'nowhere'", await Missing("kmtests:nowhere"), StringComparison.Ordinal);
        Assert.Contains("EvalAsync", await Missing("kmtests:not_callable"), StringComparison.Ordinal);
        Assert.Contains("module:function", await Missing(":f"), StringComparison.Ordinal);
        Assert.Contains("module:function", await Missing("kmtests:"), StringComparison.Ordinal);
        Assert.Equal(0, pool.Statistics.Replaced);
    }

    [Fact]
    public async Task A_module_that_fails_while_it_is_imported_fails_the_call()
    {
        string folder = Directory.CreateTempSubdirectory().FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "kmbroken.py"), "import kmnotinstalled");
        await File.WriteAllTextAsync(Path.Combine(folder, "kmsyntax.py"), "def f(:\n  pass");
        await using (PythonPool pool = Create(1, new() { ModulePaths = [folder] }))
        {
            Assert.Contains((await Assert.ThrowsAsync<PythonException>(() => pool.CallAsync<int>("kmbroken:f"))).TypeName, (string[])["ModuleNotFoundError", "ImportError"]);
            PythonException syntax = await Assert.ThrowsAsync<PythonException>(() => pool.CallAsync<int>("kmsyntax:f"));
            Assert.Equal("SyntaxError", syntax.TypeName);
            Assert.Contains("def f(:", syntax.Traceback, StringComparison.Ordinal);
        }
        Directory.Delete(folder, true);
    }

    [Fact]
    public async Task Values_of_many_types_go_in_and_come_out()
    {
        PythonPool pool = await shared.GetAsync(this);
        async Task Same<T>(T value) => Assert.Equal(value, await pool.CallAsync<T>("kmtests:same", value));
        await Same(BigInteger.Pow(7, 300));
        await Same((1, "zwei", 3.5, (byte?)null));
        await Same(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.FromHours(9)));
        await Same(Guid.NewGuid());
        await Same(1.5m);
        await Same<string?>(null);
        await Same(new Dictionary<string, List<int?>> { ["a"] = [1, null] });
        Assert.Equal("abc"u8.ToArray(), await pool.CallAsync<byte[]>("kmtests:same", "abc"u8.ToArray()));
        AssertItems([1L, "a", null], await pool.CallAsync<List<object?>>("kmtests:same", new List<object?> { 1, "a", null }));
    }

    [Needs("lone surrogates")]
    [Fact]
    public async Task Half_of_a_character_goes_in_and_comes_out()
    {
        PythonPool pool = await shared.GetAsync(this);
        Assert.Equal("zwei\ud800", await pool.CallAsync<string>("kmtests:same", "zwei\ud800"));
        Assert.Equal("zwei\ud800", (await Assert.ThrowsAsync<PythonException>(() => pool.CallAsync<int>("kmtests:fail", "zwei\ud800"))).Message);
    }

    public sealed record Address(string Street, int Number);

    public sealed record Person(string FirstName, Address Address);

    public sealed record Point(int X, double Y);

    [Needs("annotations")]
    [Fact]
    public async Task Records_become_dataclasses_and_named_tuples_and_back()
    {
        PythonPool pool = await shared.GetAsync(this);
        Assert.Equal(new Person("Ann!", new("B", 3)), await pool.CallAsync<Person>("kmtests:move", new Person("Ann", new("A", 1)), new Address("B", 2)));
        Assert.Equal(new Point(1, 2.5), await pool.CallAsync<Point>("kmtests:point", 1, 2.5));
        Assert.Equal(3.5, await pool.CallAsync<double>("kmtests:sum_of_point", PythonArguments.None.With("p", new Point(1, 2.5))));
        Assert.Equal(new Point(1, 2.5), await pool.CallAsync<Point>("kmtests:same", new Point(1, 2.5)));
    }

    [Needs("annotations")]
    [Fact]
    public async Task What_derives_from_a_plain_type_comes_as_its_value_whatever_it_says_of_itself()
    {
        PythonPool pool = await shared.GetAsync(this);
        Assert.Equal("<b>", await pool.CallAsync<string>("kmtests:plain_value", "str", "<b>"));
        Assert.Equal(5, await pool.CallAsync<int>("kmtests:plain_value", "int", 5));
        Assert.Equal(2.5, await pool.CallAsync<double>("kmtests:plain_value", "float", 2.5));
        Assert.Equal([1, 2], await pool.CallAsync<byte[]>("kmtests:plain_value", "bytes", new byte[] { 1, 2 }));
        Assert.Equal("<i>", await pool.EvalAsync<string>("type('Safe', (str,), {'__str__': lambda self: self})('<i>')"));
    }

    [Needs("annotations")]
    [Fact]
    public async Task Records_become_what_annotations_name_in_maps_and_constructors_and_where_none_is_allowed()
    {
        PythonPool pool = await shared.GetAsync(this);
        List<MapResult<Point?, double>> sums = await ToListAsync(pool.MapAsync<Point?, double>("kmtests:sum_of_point_or_none", [new(1, 2.5), null, new(3, 4)]));
        AssertItems([3.5, 0, 7], sums.Select(static s => s.Value));
        List<MapResult<Address, string>> streets = await ToListAsync(pool.MapAsync<Address, string>("kmtests:aio_street", [new("A", 1), new("B", 2)]));
        AssertItems(["A", "B"], streets.Select(static s => s.Value));
        List<MapResult<object, double>> mixed = await ToListAsync(pool.MapAsync<object, double>("kmtests:sum_of_point", [new Point(1, 2.5), new Address("no", 1)]));
        Assert.Equal((3.5, "TypeError"), (mixed[0].Value, (mixed[1].Failure as PythonException)?.TypeName));
        Assert.Equal("A", await pool.CallAsync<string>("kmtests:street_or_none", new Address("A", 1)));
        await using PythonRemote house = await pool.CreateAsync("kmtests:House", new Address("A", 1));
        Assert.Equal("A", await house.CallAsync<string>("street"));
    }

    [Fact]
    public async Task What_has_no_counterpart_is_refused_with_the_remedy_and_the_pool_stays_usable()
    {
        PythonPool pool = await shared.GetAsync(this);
        await Assert.ThrowsAsync<NotPortableException>(() => pool.CallAsync<int>("kmtests:same", new object()));
        await Assert.ThrowsAsync<NotPortableException>(() => pool.CallAsync<int>("kmtests:same", (Func<ValueTask>)(static () => default)));
        PythonConversionException conversion = await Assert.ThrowsAsync<PythonConversionException>(() => pool.CallAsync<int>("kmtests:same", "text"));
        Assert.Equal(("", "str", typeof(int)), (conversion.Path, conversion.PythonType, conversion.Wanted));
        conversion = await Assert.ThrowsAsync<PythonConversionException>(() => pool.EvalAsync<Dictionary<string, int[]>>("{'a': [1, open]}"));
        Assert.Equal("[\"a\"][1]", conversion.Path);
        await Assert.ThrowsAsync<PythonConversionException>(() => pool.EvalAsync<byte>("256"));
        await Assert.ThrowsAsync<PythonException>(() => pool.EvalAsync<object?>("(lambda a: a.append(a) or a)([])"));   // contains itself
        Assert.Equal((0L, 1), (pool.Statistics.Replaced, await pool.CallAsync<int>("kmtests:same", 1)));
    }

    [Fact]
    public async Task What_is_too_large_is_refused_both_ways()
    {
        await using PythonPool pool = Create(1, new() { MaxPayloadBytes = 1 << 20 });
        await Assert.ThrowsAsync<PayloadTooLargeException>(() => pool.CallAsync<int>("len", new string('x', 2 << 20)));
        List<double[]> arrays = [Doubles(100_000), Doubles(100_000)];   // only together too large
        PayloadTooLargeException placed = await Assert.ThrowsAsync<PayloadTooLargeException>(() => pool.CallAsync<int>("len", (object)arrays));
        Assert.InRange(placed.SizeBytes, 1_600_000, 1_601_000);
        Assert.Equal(100_000, await pool.CallAsync<int>("len", arrays[0]));
        PayloadTooLargeException large = await Assert.ThrowsAsync<PayloadTooLargeException>(() => pool.EvalAsync<string>("'x' * (2 << 20)"));
        Assert.InRange(large.SizeBytes, 2 << 20, (2 << 20) + 100);
        Assert.Equal(1 << 20, large.LimitBytes);
        await Assert.ThrowsAsync<PayloadTooLargeException>(() => pool.CallAsync<double[]>("kmtests:filled", 1 << 18, 1.0));
        Assert.Equal((0L, 1), (pool.Statistics.Replaced, await pool.CallAsync<int>("kmtests:same", 1)));
    }

    [Fact]
    public async Task Bytes_of_20_MiB_go_in_and_come_out()
    {
        PythonPool pool = await shared.GetAsync(this);
        byte[] bytes = new byte[20 << 20];
        new Random(1).NextBytes(bytes);
        byte[] back = await pool.CallAsync<byte[]>("kmtests:same", bytes).WaitAsync(Deadline);
        Assert.True(bytes.AsSpan().SequenceEqual(back));
    }

    [Fact]
    public async Task What_the_caller_changes_after_the_call_was_made_is_not_seen()
    {
        PythonPool pool = await shared.GetAsync(this);
        using Gate gate = new(), reached = new();
        Task blocker = pool.CallAsync<object?>("kmtests:reach", reached.Path, gate.Path);
        List<int> list = [1];
        double[] array = new double[20_000];
        Task<int> sum = pool.CallAsync<int>("sum", list);
        Task<double[]> ends = pool.CallAsync<double[]>("kmtests:ends_of", array);
        list[0] = 100;
        array[0] = 100;
        gate.Open();
        await blocker.WaitAsync(Deadline);
        Assert.Equal(1, await sum);
        AssertItems([0.0, 0.0], await ends);
    }

    [Needs("fork")]
    [Fact]
    public async Task Threads_processes_and_programs_work_inside_a_worker()
    {
        await using PythonPool pool = Create();
        AssertItems([0, 1, 4, 9], await pool.CallAsync<int[]>("kmtests:in_threads", 4).WaitAsync(Deadline));
        AssertItems([0, 2, 4, 6], await pool.CallAsync<int[]>("kmtests:in_processes", 4, "fork").WaitAsync(Deadline));
        AssertItems([0, 2, 4, 6], await pool.CallAsync<int[]>("kmtests:in_processes", 4, "spawn").WaitAsync(Deadline));
        Assert.Equal("hello\n", await pool.CallAsync<string>("kmtests:run_program", "hello").WaitAsync(Deadline));
        Assert.Equal("parent", await pool.CallAsync<string>("kmtests:fork_and_return").WaitAsync(Deadline));
        Assert.Equal(0, pool.Statistics.Replaced);
    }

    [Needs("sys.implementation")]
    [Fact]
    public async Task The_interpreter_is_told()
    {
        await using PythonPool pool = Create(1, new() { Interpreter = Interpreter });   // by its name, which may be a script's
        PythonInterpreter interpreter = await pool.GetInterpreterAsync();
        Assert.Equal(await pool.EvalAsync<string>("__import__('sys').executable"), interpreter.Executable);
        Assert.Equal(await pool.EvalAsync<string>("'.'.join(map(str, __import__('sys').version_info[:3]))"), interpreter.Version.ToString());
        Assert.Equal(await pool.EvalAsync<string>("__import__('sys').implementation.name"), interpreter.Implementation);
        Assert.True(interpreter.HasGlobalLock || interpreter.Version >= new Version(3, 13));
    }

    [Fact]
    public async Task A_pool_that_needs_no_interpreter_starts_one_to_be_asked_or_called_and_ends_it_when_it_is_idle()
    {
        var clock = new FakeTimeProvider();
        await using PythonPool pool = Create(2, new() { MinWorkers = 0, TimeProvider = clock });
        await pool.StartAsync().WaitAsync(Deadline);
        Assert.Equal((0, 2), (pool.Statistics.Workers, pool.WorkerCount));
        Assert.True((await pool.GetInterpreterAsync().WaitAsync(Deadline)).Version.Major >= 2);
        Assert.Equal(1, pool.Statistics.Workers);
        await pool.WaitForRoomAsync().WaitAsync(Deadline);
        await Until(
            () =>
            {
                clock.Advance(TimeSpan.FromSeconds(10));
                return pool.Statistics.Workers == 0;
            },
            "it has ended");
        Assert.Equal(4, await pool.EvalAsync<int>("2 + 2").WaitAsync(Deadline));
    }
}
