using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using Kernmantle.Host.Launch.Spawning;
using Kernmantle.Platform.Linux;
using Microsoft.Win32.SafeHandles;
using Xunit;

namespace Kernmantle.Tests.Launch;

public sealed class SpawnedProcessTests
{
    [Fact]
    public async Task An_exit_code_of_137_is_not_a_kill()
    {
        ProcessEnd exited = await Shell.Start("exit 137").Ended.WaitAsync(Shell.Bound, TestContext.Current.CancellationToken);
        Assert.Equal((137, null), (exited.ExitCode, exited.Signal));
        ProcessEnd killed = await Shell.Start("kill -9 $$").Ended.WaitAsync(Shell.Bound, TestContext.Current.CancellationToken);
        Assert.Equal((null, 9), (killed.ExitCode, killed.Signal));
        ProcessEnd crashed = await Shell.Start("kill -11 $$").Ended.WaitAsync(Shell.Bound, TestContext.Current.CancellationToken);
        Assert.Equal((null, 11), (crashed.ExitCode, crashed.Signal));
    }

    [Fact]
    public async Task It_leads_its_own_process_group_and_reads_nothing()
    {
        string[] said = (await Shell.ReadAsync("echo $$; cut -d' ' -f5 /proc/$$/stat; readlink /proc/$$/fd/0; cat")).Split('\n');
        Assert.Equal(said[0], said[1]);
        Assert.Equal(["/dev/null"], said[2..]);
    }

    [Fact]
    public async Task No_signal_is_blocked_or_ignored()
    {
        const long CLibrarysOwn = 3L << 31;   // 32 and 33, which no program can send or see
        foreach (string line in (await Shell.ReadAsync("exec grep -E 'SigBlk|SigIgn' /proc/self/status")).Split('\n'))
            Assert.Equal(0, long.Parse(line.Split('\t')[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture) & ~CLibrarysOwn);
    }

    [Fact]
    public async Task It_gets_the_descriptors_named_and_no_others()
    {
        Assert.Equal("0 1 2", await Shell.ReadAsync("cd /proc/$$/fd; echo [0-2]"));
        Assert.Equal("[4-9]", await Shell.ReadAsync("cd /proc/$$/fd; echo [4-9]"));   // 3 is the shell's own, for looking
    }

    [Fact]
    public async Task It_gets_its_environment_and_directory()
    {
        Assert.Equal("grüß dich", await Shell.ReadAsync("echo $GREETING"));
        Assert.Equal("/proc", await Shell.ReadAsync("pwd", "/proc"));
    }

    [Fact]
    public async Task Descriptors_that_stand_in_each_others_way_arrive_in_place()
    {
        (SafeFileHandle readA, SafeFileHandle writeA) = Descriptors.Pipe();
        (SafeFileHandle readB, SafeFileHandle writeB) = Descriptors.Pipe();
        int a = (int)writeA.DangerousGetHandle();
        int b = (int)writeB.DangerousGetHandle();
        // Crossed over, and one onto itself.
        SpawnedProcess process = SpawnedProcess.Start(Shell.Command($"echo a >/proc/self/fd/{b}; echo b >/proc/self/fd/{a}") with { Descriptors = [(writeA, b), (writeB, a)] });
        Assert.Equal(0, (await process.Ended.WaitAsync(Shell.Bound, TestContext.Current.CancellationToken)).ExitCode);
        process = SpawnedProcess.Start(Shell.Command($"echo self >/proc/self/fd/{a}") with { Descriptors = [(writeA, a)] });
        Assert.Equal(0, (await process.Ended.WaitAsync(Shell.Bound, TestContext.Current.CancellationToken)).ExitCode);
        writeA.Dispose();
        writeB.Dispose();
        Assert.Equal("a\nself\n", ReadAll(readA));
        Assert.Equal("b\n", ReadAll(readB));
    }

    [Fact]
    public void What_cannot_be_started_says_so()
    {
        var missing = new SpawnCommand("/no/such/program", ["x"], new Dictionary<string, string>());
        Assert.Contains("/no/such/program", Assert.Throws<Win32Exception>(() => SpawnedProcess.Start(missing)).Message, StringComparison.Ordinal);
        Assert.Throws<Win32Exception>(static () => SpawnedProcess.Start(Shell.Command("exit") with { WorkingDirectory = "/no/such/directory" }));
    }

    [Fact]
    public async Task What_it_used_is_reported()
    {
        ProcessEnd end = await Shell.Start("i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done; sleep 0.01").Ended.WaitAsync(Shell.Bound, TestContext.Current.CancellationToken);
        Assert.InRange(end.CpuTime, TimeSpan.FromMilliseconds(10), Shell.Bound);
        Assert.True(end.VoluntaryContextSwitches > 0);
    }

    [Fact]
    public async Task Our_own_memory_is_not_taken_for_the_childs()
    {
        SpawnedProcess process = Shell.Start("echo; read nothing; sleep 100");
        process.Kill();
        ProcessEnd end = await process.Ended.WaitAsync(Shell.Bound, TestContext.Current.CancellationToken);
        Assert.InRange(end.PeakMemoryBytes ?? 0, 0, 16 << 20);   // this process is larger
    }

    [Fact]
    public async Task A_kill_reaches_what_it_started_itself()
    {
        (SafeFileHandle read, SafeFileHandle write) = Descriptors.Pipe();
        SpawnedProcess process;
        using (write)
            process = SpawnedProcess.Start(Shell.Command("sleep 1000 & echo $!; wait") with { Descriptors = [(write, 1)] });
        using var reader = new StreamReader(new FileStream(read, FileAccess.Read, 1));
        int grandchild = int.Parse((await reader.ReadLineAsync(TestContext.Current.CancellationToken))!, CultureInfo.InvariantCulture);
        process.Kill();
        Assert.Equal(9, (await process.Ended.WaitAsync(Shell.Bound, TestContext.Current.CancellationToken)).Signal);
        // The end of its output is the end of all that held it.
        Assert.Equal("", await reader.ReadToEndAsync(TestContext.Current.CancellationToken).WaitAsync(Shell.Bound, TestContext.Current.CancellationToken));
        Assert.NotEqual(process.Id, grandchild);
    }

    [Fact]
    public async Task A_kill_after_the_end_changes_nothing()
    {
        SpawnedProcess process = Shell.Start("exit 5");
        ProcessEnd end = await process.Ended.WaitAsync(Shell.Bound, TestContext.Current.CancellationToken);
        process.Kill();
        process.Kill();
        process.SamplePeakMemory();
        Assert.Equal(5, end.ExitCode);
        Assert.False(Directory.Exists($"/proc/{process.Id}"));
    }

    [Fact]
    public async Task Kills_that_race_with_the_end_leave_one_end()
    {
        await Parallel.ForAsync(0, 200, TestContext.Current.CancellationToken, static async (i, token) =>
        {
            SpawnedProcess process = Shell.Start("exit 5");
            if (i % 2 == 0)
                await Task.Yield();
            process.Kill();
            ProcessEnd end = await process.Ended.WaitAsync(Shell.Bound, token);
            Assert.True(end is { ExitCode: 5, Signal: null } or { ExitCode: null, Signal: 9 });
        });
    }

    [Fact]
    public async Task A_hundred_at_once_all_end()
    {
        ProcessEnd[] ends = await Task.WhenAll(Enumerable.Range(0, 100).Select(static _ => Task.Run(static async () =>
            await SpawnedProcess.Start(new("/bin/true", ["true"], new Dictionary<string, string>())).Ended))).WaitAsync(Shell.Bound, TestContext.Current.CancellationToken);
        Assert.All(ends, static end => Assert.Equal(0, end.ExitCode));
    }

    [Fact]
    public async Task System_Diagnostics_Process_and_ours_leave_each_other_alone()
    {
        Task<ProcessEnd>[] ours = [.. Enumerable.Range(0, 20).Select(static i => Shell.Start($"exit {i}").Ended)];
        using var theirs = Process.Start("/bin/sh", ["-c", "exit 33"]);
        await theirs.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(33, theirs.ExitCode);
        ProcessEnd[] ends = await Task.WhenAll(ours).WaitAsync(Shell.Bound, TestContext.Current.CancellationToken);
        Assert.Equal(Enumerable.Range(0, 20), ends.Select(static e => e.ExitCode ?? -1));
    }

    private static string ReadAll(SafeFileHandle handle)
    {
        using var reader = new StreamReader(new FileStream(handle, FileAccess.Read, 1));
        return reader.ReadToEnd();
    }
}
