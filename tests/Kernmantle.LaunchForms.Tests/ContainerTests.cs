using Kernmantle.Host.Launch.Spawning;
using Kernmantle.Host.Limiting.ControlGroups;
using Kernmantle.Tests.Hosting;

namespace Kernmantle.LaunchForms.Tests;

/// <summary>
/// What containers are like, made with the system's own namespaces: the host as the first process, no folder to write to, no or little <c>/dev/shm</c>, no
/// rights, few processes. The program brings its runtime along. Needs root to be set up, as CI has it.
/// </summary>
public sealed class ContainerTests(ProbeBuild build)
{
    private const string ReadOnly = "while read -r _ _ _ _ place _; do mount -o remount,bind,ro \"$place\" 2>/dev/null; done </proc/self/mountinfo; ! touch /tmp/x 2>/dev/null || exit 90";

    /// <summary>Another <c>/dev</c>, with what every container has in it and nothing else.</summary>
    private const string NoSharedMemory = """
        new=$(mktemp -d) && mount -t tmpfs tmpfs "$new"
        for name in null zero full random urandom tty; do touch "$new/$name" && mount --bind "/dev/$name" "$new/$name"; done
        mount --rbind "$new" /dev && [ ! -e /dev/shm ] || exit 91
        """;

    private const string LittleSharedMemory = "mount -t tmpfs -o size=64m tmpfs /dev/shm";

    private const string Nobody = "setpriv --reuid=65534 --regid=65534 --clear-groups --no-new-privs --bounding-set=-all --inh-caps=-all";

    [Theory]
    [InlineData("", "", "root")]
    [InlineData(ReadOnly, "", "root")]
    [InlineData(NoSharedMemory, "", "root")]
    [InlineData(LittleSharedMemory, "", "root")]
    [InlineData("", Nobody, "nobody")]
    [InlineData(NoSharedMemory + "\n" + ReadOnly, Nobody, "nobody")]
    public async Task It_works_as_the_first_process(string setUp, string prefix, string user)
    {
        await RequireNamespacesAsync();
        string probe = await build.PublishSelfContainedAsync();
        (int exit, string text) = await Programs.RunAsync("unshare", ["--mount", "--propagation", "private", "--pid", "--fork", "--mount-proc", "--kill-child", "sh", "-c", $"{setUp}\nexec {prefix} {probe} contained"]);
        Assert.True(exit == 0, $"{exit}: {text}");
        Assert.Contains($"PROBE contained 80 WorkerCrashedException CallTimeoutException True, process 1, user {user}", text, StringComparison.Ordinal);
        Assert.Contains("PROBE children 0", text, StringComparison.Ordinal);
    }

    /// <summary>Enough for the host and its workers; and a worker that wants all of it gets its own share.</summary>
    [Theory]
    [InlineData("contained", "PROBE children 0")]
    [InlineData("crowded", "PROBE crowded ProcessCountLimitException 7")]
    public async Task It_works_where_processes_are_few(string what, string expected)
    {
        if (GroupPlaces.Current.GetValueOrDefault(GroupPlaces.Processes) is not { Folder: var place })
        {
            Assert.Skip("No control group can be made here.");
            return;
        }
        string group = Path.Combine(place, $"{GroupPlaces.Prefix}{HostMark.Current}-{what}");
        Directory.CreateDirectory(group);
        try
        {
            string probe = await build.PublishSelfContainedAsync();
            await File.WriteAllTextAsync($"{group}/pids.max", "100");
            (int exit, string text) = await Programs.RunAsync("sh", ["-c", $"echo $$ > '{group}/cgroup.procs' && exec {probe} {what}"]);
            Assert.True(exit == 0, $"{exit}: {text}");
            Assert.Contains(expected, text, StringComparison.Ordinal);
        }
        finally
        {
            WorkerGroup.TryRemove(group);
        }
    }

    private static async Task RequireNamespacesAsync()
    {
        (int exit, string text) = await Programs.RunAsync("unshare", ["--mount", "--pid", "--fork", "--mount-proc", "true"]);
        if (exit != 0)
            Assert.Skip($"This machine lets the test make no namespaces: {text}");
    }
}
