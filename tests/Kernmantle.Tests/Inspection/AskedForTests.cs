using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using Kernmantle.Api.Inspection;
using Kernmantle.Tests.Hosting;

namespace Kernmantle.Tests.Inspection;

/// <summary>A program that knows nothing of it, and whose environment asks for it.</summary>
public sealed class AskedForTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task It_lets_itself_be_watched_and_leaves_no_socket()
    {
        var start = new ProcessStartInfo("dotnet", ["exec", Programs.LibraryOf("QuickStart")]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment[AskedFor.Variable] = "1";
        using Process program = Process.Start(start)!;
        Task<string> output = program.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken), error = program.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        string socket = Path.Combine(InspectionSocket.Folder, string.Create(CultureInfo.InvariantCulture, $"{program.Id}.sock"));
        ProgramSnapshot? shown = null;
        using (var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(5)))
        {
            while (shown is null && !program.HasExited)
            {
                await tick.WaitForNextTickAsync(TestContext.Current.CancellationToken);
                if (File.Exists(socket))
                    shown = await ReadAsync(socket);
            }
        }
        await program.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(Deadline, TestContext.Current.CancellationToken);
        Assert.True(shown is not null, await output + await error);
        Assert.Equal(program.Id, shown.ProcessId);
        Assert.Equal(0, program.ExitCode);
        Assert.False(File.Exists(socket));
    }

    private static async Task<ProgramSnapshot?> ReadAsync(string path)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), TestContext.Current.CancellationToken);
        using var reader = new StreamReader(new NetworkStream(socket));
        return await reader.ReadLineAsync(TestContext.Current.CancellationToken) is { } line ? ProgramSnapshot.FromJson(System.Text.Encoding.UTF8.GetBytes(line)) : null;
    }
}
