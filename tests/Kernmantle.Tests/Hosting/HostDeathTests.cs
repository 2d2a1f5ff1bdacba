using System.Diagnostics;
using System.Globalization;

namespace Kernmantle.Tests.Hosting;

/// <summary>Workers end with their host, however it ends: idle, busy and stopped ones, with what they have started.</summary>
public sealed class HostDeathTests
{
    /// <summary>Attaches to a process, says so, and at the end of its input goes: by detaching, or with a kill, as debuggers ask for.</summary>
    private const string Tracer = """
        import ctypes, sys, os, signal
        SEIZE, INTERRUPT, DETACH, KILL_AT_MY_END = 0x4206, 0x4207, 17, 0x100000
        libc = ctypes.CDLL(None, use_errno=True)
        libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
        process, kills = int(sys.argv[1]), sys.argv[2] == "kill"
        if libc.ptrace(SEIZE, process, None, KILL_AT_MY_END if kills else None) != 0:
            sys.exit(os.strerror(ctypes.get_errno()))
        print("attached", flush=True)
        sys.stdin.read()
        if not kills:
            libc.ptrace(INTERRUPT, process, None, None)
            os.waitpid(process, 0x40000000)
            libc.ptrace(DETACH, process, None, None)
            print("detached", flush=True)
        """;

    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(3);

    [Theory]
    [InlineData("return")]
    [InlineData("exit", Traits = [SecondStageAttribute.Name, SecondStageAttribute.Value])]
    [InlineData("throw", Traits = [SecondStageAttribute.Name, SecondStageAttribute.Value])]
    [InlineData("overflow")]
    [InlineData("fail", Traits = [SecondStageAttribute.Name, SecondStageAttribute.Value])]
    public async Task No_process_survives_a_host_that_ends_by_itself(string how)
    {
        using Process host = StartHost(how);
        int[] processes = await ProcessesAsync(host);
        await host.WaitForExitAsync().WaitAsync(Deadline);
        await WaitForEndAsync(processes);
    }

    [Theory]
    [InlineData("KILL")]
    [InlineData("TERM", Traits = [SecondStageAttribute.Name, SecondStageAttribute.Value])]
    [InlineData("INT", Traits = [SecondStageAttribute.Name, SecondStageAttribute.Value])]
    [InlineData("SEGV")]
    [InlineData("ABRT", Traits = [SecondStageAttribute.Name, SecondStageAttribute.Value])]
    [InlineData("STOP", "KILL")]
    public async Task No_process_survives_a_host_that_is_ended(params string[] signals)
    {
        using Process host = StartHost("wait");
        int[] processes = await ProcessesAsync(host);
        Assert.All(processes, static pid => Assert.True(IsAlive(pid)));
        foreach (string signal in signals)
            await SendAsync(signal, host.Id);
        await EndAsync(host, signals[^1]);
        await WaitForEndAsync(processes);
    }

    [Fact]
    public async Task No_process_survives_a_host_whose_debugger_takes_it_along()
    {
        using Process host = StartHost("wait");
        int[] processes = await ProcessesAsync(host);
        using Process tracer = await AttachAsync(host.Id, "kill");
        tracer.StandardInput.Close();
        await host.WaitForExitAsync().WaitAsync(Deadline);
        await WaitForEndAsync(processes);
    }

    [Fact]
    public async Task A_debugger_that_detaches_leaves_host_and_workers_as_they_were_and_they_still_end_together()
    {
        using Process host = StartHost("wait");
        int[] processes = await ProcessesAsync(host);
        using (Process ofHost = await AttachAsync(host.Id, "detach"))
        using (Process ofWorker = await AttachAsync(processes[0], "detach"))
        {
            foreach (Process tracer in (Process[])[ofHost, ofWorker])
            {
                tracer.StandardInput.Close();
                Assert.Equal("detached", await tracer.StandardOutput.ReadLineAsync().WaitAsync(Deadline));
                await tracer.WaitForExitAsync().WaitAsync(Deadline);
            }
        }
        Assert.All([host.Id, .. processes], static pid => Assert.True(IsAlive(pid)));
        await EndAsync(host, "KILL");
        await WaitForEndAsync(processes);
    }

    [Fact]
    public async Task A_worker_under_a_debugger_ends_with_its_host()
    {
        using Process host = StartHost("wait");
        int[] processes = await ProcessesAsync(host);
        using Process tracer = await AttachAsync(processes[0], "detach");
        await EndAsync(host, "KILL");
        await WaitForEndAsync(processes[1..]);
        tracer.StandardInput.Close();   // it is the first to be told of that worker's death
        await tracer.WaitForExitAsync().WaitAsync(Deadline);
        await WaitForEndAsync(processes);
    }

    private static Process StartHost(string how) => Process.Start(new ProcessStartInfo("env", ["--default-signal", Programs.Of("Probe"), "end", how])
    {
        RedirectStandardOutput = true,
        RedirectStandardError = true,
        Environment = { ["DOTNET_DbgEnableMiniDump"] = "0" },
    })!;

    /// <summary>Workers and what they have started, in turns.</summary>
    private static async Task<int[]> ProcessesAsync(Process host)
    {
        host.ErrorDataReceived += static (_, _) => { };
        host.BeginErrorReadLine();   // a stack overflow has much to say
        string? line = await host.StandardOutput.ReadLineAsync().WaitAsync(Deadline);
        return [.. line!.Split(' ')[2..].Select(static pid => int.Parse(pid, CultureInfo.InvariantCulture))];
    }

    private static async Task<Process> AttachAsync(int process, string then)
    {
        Process tracer = Process.Start(new ProcessStartInfo("python3", ["-c", Tracer, process.ToString(CultureInfo.InvariantCulture), then]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
        string? line = await tracer.StandardOutput.ReadLineAsync().WaitAsync(Deadline);
        Assert.True(line == "attached", line is null ? await tracer.StandardError.ReadToEndAsync() : line);
        return tracer;
    }

    private static async Task SendAsync(string signal, int process)
    {
        using Process kill = Process.Start("kill", [$"-{signal}", process.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync().WaitAsync(Deadline);
    }

    /// <summary>More than once: the runtime takes the first SIGSEGV from outside for a fault of its own, finds none, and goes on.</summary>
    private static async Task EndAsync(Process host, string signal)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!host.HasExited)
        {
            await SendAsync(signal, host.Id);
            Assert.True(await tick.WaitForNextTickAsync(deadline.Token));
        }
    }

    private static async Task WaitForEndAsync(int[] processes)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        try
        {
            while (Array.Exists(processes, IsAlive))
                Assert.True(await tick.WaitForNextTickAsync(deadline.Token));
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"Alive: {string.Join(", ", processes.Where(IsAlive))} of {string.Join(", ", processes)}.");
        }
    }

    /// <summary>A zombie is dead: only its parent, here the system's first process, has not looked yet.</summary>
    private static bool IsAlive(int pid)
    {
        try
        {
            string stat = File.ReadAllText($"/proc/{pid}/stat");
            return stat[(stat.LastIndexOf(')') + 2)..][0] is not ('Z' or 'X');
        }
        catch (IOException)
        {
            return false;
        }
    }
}
