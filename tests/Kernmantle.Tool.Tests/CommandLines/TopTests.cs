using System.Globalization;
using System.Net.Sockets;
using Kernmantle.Tool.Top;
using Microsoft.Extensions.Logging;

namespace Kernmantle.Tool.Tests.CommandLines;

/// <summary><c>kern top</c>, of which this process is the program that lets itself be watched.</summary>
[Collection(OwnConsole.Name)]
public sealed class TopTests : IDisposable
{
    private static readonly ProgramInProcess Program = new("kern");

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("kern-top-");
    private readonly Inspector inspector = Inspector.SwitchOn();

    private string Path => System.IO.Path.Combine(folder.FullName, "a.sock");

    public void Dispose()
    {
        inspector.Dispose();
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task It_shows_pools_workers_calls_functions_and_the_log_and_steers_no_terminal()
    {
        await using WorkerPool pool = WorkerPool.Threads(1, new() { Name = "watched" });
        using var ended = new CancellationTokenSource();
        inspector.Listen(Path);
        using (inspector.Look())
            await pool.RunAsync(static () => WorkerContext.Current!.Logger.LogWarning("clear it: \e[2J"));
        Task held = pool.With(new() { Name = "held \e[2J" }).RunAsync(static token => Task.Delay(Timeout.Infinite, token), ended.Token);
        (int code, string output, string error) = await Program.RunAsync("top", Path, "--once");
        await ended.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => held);
        Assert.Equal((0, ""), (code, error));
        Assert.DoesNotContain('\e', output);
        foreach (string shown in (string[])["watched", "watched-1", "thread", "Running", "busy", "held", "Functions that took most time", nameof(TopTests), "Warning", "clear it:"])
            Assert.Contains(shown, output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Its_json_is_the_snapshot()
    {
        await using WorkerPool pool = WorkerPool.Threads(1, new() { Name = "watched" });
        string path = inspector.Listen();   // where it is found by the process id
        (int code, string output, string error) = await Program.RunAsync("top", Environment.ProcessId.ToString(CultureInfo.InvariantCulture), "--json");
        Assert.Equal((0, ""), (code, error));
        ProgramSnapshot shown = ProgramSnapshot.FromJson(System.Text.Encoding.UTF8.GetBytes(output));
        Assert.Equal(Environment.ProcessId, shown.ProcessId);
        Assert.Contains(shown.Pools, static each => each.Name == "watched");
        Assert.EndsWith($"{Environment.ProcessId}.sock", path, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Folders_that_other_programs_make_and_remove_are_nothing_to_it()
    {
        string path = inspector.Listen();
        using var over = new CancellationTokenSource();
        Task others = Task.Run(() =>
        {
            while (!over.IsCancellationRequested)
                Directory.CreateTempSubdirectory("kernmantle-other-").Delete();
        });
        try
        {
            for (int i = 0; i < 20; i++)
                Assert.Contains(path, ShownProgram.Found());
        }
        finally
        {
            await over.CancelAsync();
            await others;
        }
    }

    [Theory]
    [InlineData("2147483647", "KERNMANTLE_TOP=1")]
    [InlineData("/nowhere/a.sock", "No program answers")]
    public async Task A_program_that_is_not_there_is_said(string named, string why)
    {
        (int code, string output, string error) = await Program.RunAsync("top", named);
        Assert.Equal((2, ""), (code, output));
        Assert.Contains(why, error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("I am another program\n", "writes no snapshots")]
    [InlineData("{\"pools\":", "writes no snapshots")]
    [InlineData("", "has ended")]
    public async Task What_is_no_program_of_ours_is_said(string written, string why)
    {
        using var other = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        other.Bind(new UnixDomainSocketEndPoint(Path));
        other.Listen();
        Task answering = Task.Run(async () =>
        {
            using Socket asked = await other.AcceptAsync();
            await asked.SendAsync(System.Text.Encoding.UTF8.GetBytes(written));
        });
        (int code, string output, string error) = await Program.RunAsync("top", Path, "--once");
        await answering;
        Assert.Equal((1, ""), (code, output));
        Assert.Contains(why, error, StringComparison.Ordinal);
    }
}
