using Kernmantle.Contracts.Requirements;
using Kernmantle.Tool.Lab.Gil.Interpreters;

namespace Kernmantle.Tool.Tests.Lab.Interpreters;

/// <summary>Sub-interpreters, by each of the modules that have had them; real ones where a Python has such.</summary>
public sealed class SubInterpreterTests
{
    /// <summary>What stands in for them: one that runs its code here. It writes down what it was asked for.</summary>
    private const string One = """

        import types
        log = []
        class One:
            def __init__(self):
                self.names = {}
                log.append("create")
            def exec(self, code):
                log.append("run")
                exec(code, self.names)
            def close(self):
                log.append("close")
        def told():
            return log
        def run_in_first(code):
            _api.run(_all[0], code)

        """;

    private const string Public = """
        import concurrent
        concurrent.interpreters = types.SimpleNamespace(create=One)
        VERSION = (3, 14)
        """;

    private const string Private = """
        def returned(one, code):
            try:
                one.exec(code)
            except Exception as e:
                return types.SimpleNamespace(formatted=type(e).__name__)
        sys.modules["_interpreters"] = types.SimpleNamespace(create=One, exec=returned, run_string=None, destroy=One.close)
        VERSION = (3, 13)
        """;

    private const string Oldest = """
        sys.modules["_interpreters"] = None
        sys.modules["_xxsubinterpreters"] = types.SimpleNamespace(create=One, run_string=One.exec, destroy=One.close)
        VERSION = (3, 12)
        """;

    [Theory]
    [InlineData(Public)]
    [InlineData(Private)]
    [InlineData(Oldest)]
    public async Task Each_thread_has_one_whatever_the_module_is_called(string module)
    {
        using LabModules modules = new();
        await File.AppendAllTextAsync(Path.Combine(modules.Folder, "kern_lab_subinterpreters.py"), One + module);
        await using SubInterpreterRun run = await SubInterpreterRun.StartAsync(modules.Of(Python), 2, CancellationToken.None);
        Assert.Null(run.Lacking);
        Assert.NotNull(run.Place);
        Assert.True(await run.Place.RunAsync(2, 4, computing: true, CancellationToken.None) > 0);
        Assert.True(await run.Place.RunAsync(1, 1, computing: false, CancellationToken.None) > 0);
        InterpreterMeasured measured = run.Measured(Made.Place(1.9, 2));
        Assert.EndsWith(", sub-interpreters", measured.Name, StringComparison.Ordinal);
        Assert.True(measured.SubInterpreters!.Seconds > 0);
        string[] told = await run.Pool.CallAsync<string[]>("kern_lab_subinterpreters:told");
        Assert.Equal(["create", "run", "create", "run", .. Enumerable.Repeat("run", 5)], told);
        var failure = await Assert.ThrowsAsync<Kernmantle.Python.PythonException>(() => run.Pool.CallAsync<object?>("kern_lab_subinterpreters:run_in_first", "1 / 0"));
        Assert.Contains("ZeroDivisionError", failure.ToString(), StringComparison.Ordinal);
        await run.Pool.CallAsync<object?>("kern_lab_subinterpreters:close");
        told = await run.Pool.CallAsync<string[]>("kern_lab_subinterpreters:told");
        Assert.Equal(["close", "close"], told[^2..]);
    }

    [Fact]
    public async Task A_python_whose_sub_interpreters_share_one_lock_says_so()
    {
        using LabModules modules = new();
        await File.AppendAllTextAsync(Path.Combine(modules.Folder, "kern_lab_subinterpreters.py"), "\nVERSION = (3, 11)\n");
        await using SubInterpreterRun run = await SubInterpreterRun.StartAsync(modules.Of(Python), 2, CancellationToken.None);
        Assert.Null(run.Place);
        Assert.Equal("they share one global lock, up to Python 3.11", run.Lacking);
    }

    [Fact]
    public async Task Real_ones_compute_and_wait()
    {
        using LabModules modules = new();
        foreach (string name in (string[])["python3", "python3.14", "python3.13", "python3.12"])
        {
            if (InstalledPrograms.Find(name) is null)
                continue;
            try
            {
                await using SubInterpreterRun run = await SubInterpreterRun.StartAsync(modules.Of(name), 2, CancellationToken.None);
                if (run.Place is null)
                    continue;
                Assert.True(await run.Place.RunAsync(2, 4, computing: true, CancellationToken.None) > 0);
                Assert.True(await run.Place.RunAsync(2, 2, computing: false, CancellationToken.None) > 0);
                InterpreterMeasured measured = run.Measured(Made.Place(1.9, 2));
                Assert.True(measured.SubInterpreters is { Seconds: > 0, Bytes: > 0 }, $"{measured}");
                await run.Pool.CallAsync<object?>("kern_lab_subinterpreters:close");
                return;
            }
            catch (PoolBrokenException)
            {
                // A launcher of pyenv for a version that is not chosen: no interpreter.
            }
        }
        Assert.Skip("No Python of this machine has sub-interpreters with a global lock of their own (3.12 and later have).");
    }

    private static string Python => InstalledPrograms.Interpreter("python3");
}
