using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using Kernmantle.Host.Launch.Spawning;
using Kernmantle.Host.Limiting.ControlGroups;
using Kernmantle.Host.Sweep;

namespace Kernmantle.Tests.Hosting;

/// <summary>What killed hosts left behind is removed by a later one; what lives, or may live, is not touched.</summary>
public sealed class SweepTests : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(3);
    private static readonly DateTime LongAgo = DateTime.UtcNow - TimeSpan.FromHours(1);

    private readonly string folder = Directory.CreateTempSubdirectory("kernmantle-sweep-").FullName;

    public void Dispose()
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (IOException)
        {
            // The workers of a killed host are at their own files in it still.
        }
    }

    [Fact]
    public void The_files_of_a_dead_runtime_are_removed()
    {
        string[] files = [Listening("dotnet-diagnostic-999999999-5-socket", out Socket socket), Old("clr-debug-pipe-999999999-5-in"), Old("clr-debug-pipe-999999999-5-out")];
        socket.Dispose();
        Assert.All(files, static file => Assert.True(File.Exists(file)));
        Assert.Equal(3, DeadRuntimes.Sweep(folder));
        Assert.Empty(Directory.GetFiles(folder));
    }

    [Fact]
    public void A_runtime_that_listens_is_left_alone_whatever_its_number_says()
    {
        Listening("dotnet-diagnostic-999999999-5-socket", out Socket socket);
        Old("clr-debug-pipe-999999999-5-in");
        using (socket)
            Assert.Equal(0, DeadRuntimes.Sweep(folder));
        Assert.Equal(2, Directory.GetFiles(folder).Length);
    }

    [Fact]
    public void So_is_one_that_has_just_been_created_one_of_a_living_process_and_what_is_named_otherwise()
    {
        File.SetLastWriteTimeUtc(Listening("dotnet-diagnostic-999999999-5-socket", out Socket young), DateTime.UtcNow);
        Listening($"dotnet-diagnostic-{Environment.ProcessId}-{HostMark.StartTimeOf(Environment.ProcessId)}-socket", out Socket living);
        Listening("dotnet-diagnostic-999999999-socket", out Socket other);
        Listening("dotnet-diagnostic-my-app-socket", out Socket another);
        foreach (Socket socket in (Socket[])[young, living, other, another])
            socket.Dispose();
        Assert.Equal(0, DeadRuntimes.Sweep(folder));
        Assert.Equal(4, Directory.GetFiles(folder).Length);
    }

    [Fact]
    public void A_folder_that_is_not_there_is_no_failure() => Assert.Equal(0, DeadRuntimes.Sweep(Path.Combine(folder, "none")));

    [Fact]
    public async Task A_later_start_removes_what_a_killed_host_and_its_workers_left()
    {
        await EndAsync(await StartHostAsync());
        string[] left = Directory.GetFiles(folder);
        Assert.True(left.Length > 3, string.Join(", ", left));
        foreach (string file in left)
            File.SetLastWriteTimeUtc(file, LongAgo);
        Process later = await StartHostAsync();
        try
        {
            using var deadline = new CancellationTokenSource(Deadline);
            using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
            while (Array.Exists(left, File.Exists))
                Assert.True(await tick.WaitForNextTickAsync(deadline.Token));
            Assert.NotEmpty(Directory.GetFiles(folder));   // its own
        }
        finally
        {
            await EndAsync(later);
        }
    }

    [Fact]
    public async Task A_dead_hosts_control_groups_are_removed_with_what_runs_in_them_and_others_are_not()
    {
        if (GroupPlaces.Current.GetValueOrDefault(GroupPlaces.Processes) is not { Folder: var place })
        {
            Assert.Skip("No control group can be made here.");
            return;
        }
        using Process inside = Process.Start("sleep", "100000");
        string space = HostMark.Current.Split('-')[0];
        string dead = Path.Combine(place, $"{GroupPlaces.Prefix}{space}-999999999-5-1");
        string living = Path.Combine(place, $"{GroupPlaces.Prefix}{HostMark.Current}-9999");
        string elsewhere = Path.Combine(place, $"{GroupPlaces.Prefix}77x77-999999999-5-1");
        try
        {
            foreach (string group in (string[])[dead, living, elsewhere])
                Directory.CreateDirectory(group);
            await File.WriteAllTextAsync(Path.Combine(dead, "cgroup.procs"), inside.Id.ToString(CultureInfo.InvariantCulture));
            Assert.True(await DeadGroups.SweepAsync(place) >= 1);
            Assert.Equal((false, true, true), (Directory.Exists(dead), Directory.Exists(living), Directory.Exists(elsewhere)));
            await inside.WaitForExitAsync().WaitAsync(Deadline);
            Assert.Equal(128 + 9, inside.ExitCode);
        }
        finally
        {
            inside.Kill();
            foreach (string group in (string[])[living, elsewhere])
                Directory.Delete(group);
        }
    }

    [Fact]
    public async Task A_place_that_is_not_there_is_no_failure_either() => Assert.Equal(0, await DeadGroups.SweepAsync(Path.Combine(folder, "none")));

    /// <summary>Its runtime's files, and its workers', are in our folder.</summary>
    private async Task<Process> StartHostAsync()
    {
        var start = new ProcessStartInfo(Programs.Of("Probe"), ["end", "wait"]) { RedirectStandardOutput = true, RedirectStandardError = true, Environment = { ["TMPDIR"] = folder } };
        Process host = Process.Start(start)!;
        Assert.StartsWith("PROBE", await host.StandardOutput.ReadLineAsync().WaitAsync(Deadline), StringComparison.Ordinal);
        return host;
    }

    private static async Task EndAsync(Process host)
    {
        using (host)
        {
            host.Kill();
            await host.WaitForExitAsync().WaitAsync(Deadline);
        }
    }

    /// <summary>Bound elsewhere: its own end would remove the file it was bound to.</summary>
    private string Listening(string name, out Socket socket)
    {
        string bound = Path.Combine(folder, "s");
        socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(bound));
        socket.Listen();
        string file = Path.Combine(folder, name);
        File.Move(bound, file);
        File.SetLastWriteTimeUtc(file, LongAgo);
        return file;
    }

    private string Old(string name)
    {
        string file = Path.Combine(folder, name);
        File.WriteAllText(file, "");
        File.SetLastWriteTimeUtc(file, LongAgo);
        return file;
    }
}
