using Kernmantle.Tests.Docs;

namespace Kernmantle.Python.Tests.Pools;

/// <summary>Each death by the real thing; what is said of it is what docs/deaths.md has.</summary>
public sealed class PythonDeathTableTests : PythonTests
{
    [Fact]
    public async Task The_table_of_Python_deaths_says_what_the_failures_say()
    {
        List<string> rows =
        [
            .. DeathTable.Head,
            DeathTable.Row("`sys.exit(7)`", await InCall("kmtests:exit_with", 7)),
            DeathTable.Row("`os._exit(7)`", await InCall("kmtests:exit_now", 7)),
            DeathTable.Row("a bad pointer (`ctypes`)", await InCall("kmtests:crash", 0)),
            DeathTable.Row("`os.abort()`", await InCall("kmtests:abort")),
            DeathTable.Row("SIGTERM from outside", await BySignal(15)),
            DeathTable.Row("SIGKILL from outside", await BySignal(9)),
            DeathTable.Row("`Setup` that exits", await AtStart(new() { Setup = "import os\nprint('no licence')\nos._exit(3)", RestartLimit = 0 })),
            DeathTable.Row("a program that is no interpreter", await AtStart(new() { Interpreter = "/bin/false", RestartLimit = 0 })),
        ];
        GeneratedSection.Check("deaths.md", "python-deaths", rows);
    }

    private async Task<Exception> InCall(string function, params object[] arguments)
    {
        await using PythonPool pool = Create();
        return await DeathTable.FailureOf(arguments is [var one] ? pool.CallAsync<int>(function, one) : pool.CallAsync<int>(function));
    }

    private async Task<Exception> BySignal(int signal)
    {
        using var reached = new Gate();
        using var never = new Gate();
        await using PythonPool pool = Create();
        int process = await pool.CallAsync<int>("os:getpid").WaitAsync(Deadline);
        Task call = pool.CallAsync<int>("kmtests:reach", reached.Path, never.Path);
        await DeathTable.SignalAsync(process, signal, reached.Path, call);
        return await DeathTable.FailureOf(call);
    }

    private async Task<Exception> AtStart(PythonPoolOptions options)
    {
        await using PythonPool pool = Create(1, options);
        Exception broken = await DeathTable.FailureOf(pool.StartAsync());
        return broken.InnerException ?? broken;
    }
}
