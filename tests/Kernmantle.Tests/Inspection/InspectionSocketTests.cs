using System.Net.Sockets;

namespace Kernmantle.Tests.Inspection;

/// <summary>The socket that <c>kern top</c> reads.</summary>
public sealed class InspectionSocketTests : InspectionTests
{
    private string Socket => $"{Gate}.sock";

    [Fact]
    public async Task Whoever_connects_gets_a_snapshot_a_line()
    {
        await using WorkerPool pool = WorkerPool.Threads(1, new() { Name = Name });
        Assert.Equal(Socket, Inspector.Listen(Socket));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, ModeOf(Socket));
        using StreamReader reader = Connect();
        for (int i = 0; i < 2; i++)
        {
            ProgramSnapshot shown = ProgramSnapshot.FromJson(System.Text.Encoding.UTF8.GetBytes((await reader.ReadLineAsync(TestContext.Current.CancellationToken))!));
            Assert.Contains(shown.Pools, each => each.Name == Name);
        }
        Assert.True(Scheduling.Watching.Watch.SeesCalls);
    }

    [Fact]
    public async Task Who_goes_away_is_no_longer_looking()
    {
        Inspector.Listen(Socket);
        using (StreamReader reader = Connect())
            await reader.ReadLineAsync(TestContext.Current.CancellationToken);
        await Until(static () => !Scheduling.Watching.Watch.SeesCalls, "nobody looks");
    }

    /// <summary>Its buffers are full before long: what is not read is not made either, and nobody else waits for it.</summary>
    [Fact]
    public async Task Who_does_not_read_holds_up_nobody()
    {
        await using WorkerPool pool = WorkerPool.Processes(1, new() { Name = Name });
        Inspector.Listen(Socket);
        using var silent = new System.Net.Sockets.Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        silent.ReceiveBufferSize = 1;
        await silent.ConnectAsync(new UnixDomainSocketEndPoint(Socket), TestContext.Current.CancellationToken);
        await Until(static () => Scheduling.Watching.Watch.SeesCalls, "it looks");
        for (int i = 0; i < 1000; i++)
            Assert.Equal(i + 1, await pool.RunAsync(static n => n + 1, i));
        using StreamReader reader = Connect();
        Assert.NotNull(await reader.ReadLineAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public void It_is_gone_with_its_inspector()
    {
        Inspector.Listen(Socket);
        Inspector.Dispose();
        Assert.False(File.Exists(Socket));
    }

    [Fact]
    public void One_that_is_taken_is_refused()
    {
        Inspector.Listen(Socket);
        Assert.Contains("a program answers there", Assert.Throws<IOException>(() => Inspector.Listen(Socket)).Message, StringComparison.Ordinal);
        Assert.True(File.Exists(Socket));
    }

    [Fact]
    public void What_is_no_socket_of_ours_is_left_alone()
    {
        File.WriteAllText(Socket, "mine");
        Assert.Contains("nobody answers", Assert.Throws<IOException>(() => Inspector.Listen(Socket)).Message, StringComparison.Ordinal);
        Assert.Equal("mine", File.ReadAllText(Socket));
    }

    [Fact]
    public void A_folder_that_is_not_there_and_a_path_too_long_are_refused()
    {
        Assert.Contains("must exist", Assert.Throws<IOException>(() => Inspector.Listen($"{Gate}-none/a.sock")).Message, StringComparison.Ordinal);
        Assert.Contains("shorter than", Assert.Throws<IOException>(() => Inspector.Listen($"{Gate}{new string('x', 120)}")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void By_itself_it_is_where_kern_top_looks_and_sweeps_what_killed_programs_left()
    {
        string first = Inspector.Listen();
        Assert.Equal($"{Environment.ProcessId}.sock", Path.GetFileName(first));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, ModeOf(Path.GetDirectoryName(first)!));
        Assert.Contains("is taken", Assert.Throws<IOException>(() => Inspector.Listen()).Message, StringComparison.Ordinal);

        string left = Path.Combine(Path.GetDirectoryName(first)!, $"{int.MaxValue}.sock");
        File.WriteAllText(left, "");
        Inspector.Dispose();
        using Inspector next = Inspector.SwitchOn();
        Assert.Equal(first, next.Listen());
        Assert.False(File.Exists(left));
    }

#pragma warning disable CA1416 // These tests run where there are such modes.
    private static UnixFileMode ModeOf(string path) => File.GetUnixFileMode(path);
#pragma warning restore CA1416

    private StreamReader Connect()
    {
        var socket = new System.Net.Sockets.Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(Socket));
        return new(new NetworkStream(socket, ownsSocket: true));
    }
}
