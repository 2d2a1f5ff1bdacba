// Says on one line whether a call really ran in another process, and lets the test count how often Main was entered.
using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using Kernmantle;

if (Environment.GetEnvironmentVariable("PROBE_MAIN_COUNT") is { } count)
    File.AppendAllText(Path.Combine(count, $"{Environment.ProcessId}"), "in\n");
if (args is ["chdir"])
    Directory.SetCurrentDirectory("/");

if (args is ["replace", var other])
{
    // As a deployment does it: the running program keeps the file it has open.
    string own = Path.Combine(AppContext.BaseDirectory, "Probe.dll");
    File.Copy(other, own + ".new");
    File.Move(own + ".new", own, overwrite: true);
}
if (args is ["remove", var library])
    File.Delete(Path.Combine(AppContext.BaseDirectory, library));

if (args is ["end", var how])
    return await HostEnd.RunAsync(how);
if (args is ["contained"])
    return await Contained.RunAsync();
if (args is ["crowded"])
    return await Contained.RunCrowdedAsync();

try
{
    await using WorkerPool pool = WorkerPool.Processes(2);
    await pool.StartAsync();   // both workers, whichever takes the call
    string greeting = "from";
    (string text, int worker) = await pool.RunAsync(name => ($"{greeting} {name}", Environment.ProcessId), "worker");
    string nested = args is ["nested"] ? await pool.RunAsync(Nested.RunAsync) : "";
    Console.WriteLine($"PROBE {text} {worker != Environment.ProcessId} {nested}".TrimEnd());
    return 0;
}
catch (Exception e) when (e is PlatformNotSupportedException or WorkerException)
{
    Console.WriteLine($"PROBE failed: {e.GetType().Name}: {e.Message}");
    return 3;
}

internal static class Nested
{
    /// <summary>One pool inside a worker is allowed by default; one inside its worker is not.</summary>
    public static async Task<string> RunAsync()
    {
        await using WorkerPool pool = WorkerPool.Processes(1);
        return await pool.RunAsync(static () =>
        {
            try
            {
                using WorkerPool deeper = WorkerPool.Processes(1);
                return "no limit";
            }
            catch (InvalidOperationException e)
            {
                return $"nested once, then: {e.Message}";
            }
        });
    }
}

/// <summary>A host with an idle, a busy and a stopped worker, each of which has started a process. It ends without having disposed of anything.</summary>
internal static class HostEnd
{
    public static async Task<int> RunAsync(string how)
    {
        List<int> processes = [];
        List<WorkerPool> pools = [];
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        for (int i = 0; i < 3; i++)
        {
            while (i == 2 && pools[0].Statistics.Spares == 0)
                await tick.WaitForNextTickAsync();
            pools.Add(WorkerPool.Processes(1, new() { Spares = i == 0 ? 1 : 0, SparesOf = i == 2 ? pools[0] : null }));   // the stopped one has been another pool's
            processes.AddRange(await pools[i].RunAsync(static () => (int[])[Environment.ProcessId, Process.Start("sleep", "100000").Id]));
        }
        Task busy = pools[1].RunAsync(static () => { while (true) { } });
        using (Process stop = Process.Start("kill", ["-STOP", processes[4].ToString(CultureInfo.InvariantCulture)]))
            await stop.WaitForExitAsync();
        Console.WriteLine($"PROBE processes {string.Join(' ', processes)}");
        switch (how)
        {
            case "return":
                return 0;
            case "exit":
                Environment.Exit(5);
                return 0;
            case "throw":
                throw new InvalidOperationException("The host's own failure.");
            case "overflow":
                return Overflow(1);
            case "fail":
                Environment.FailFast("The host gives up.");
                return 0;
            default:
                await busy;   // a test ends it
                return 0;
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Overflow(int depth) => Overflow(depth + 1) + depth;
}

/// <summary>What a container makes hard: large memory, workers that die and leave processes behind, and starting new ones.</summary>
internal static class Contained
{
    public static async Task<int> RunAsync()
    {
        await using (WorkerPool pool = WorkerPool.Processes(2))
        {
            long sum = await pool.RunAsync(static bytes => bytes.Sum(static b => (long)b), Enumerable.Repeat((byte)1, 80 << 20).ToArray());
            string death = await EndAsync(() => pool.RunAsync(static () =>
            {
                Process.Start("sleep", "100000");
                Process.Start("sh", ["-c", "sleep 100000 & sleep 100000"]);
                Environment.FailFast("on purpose");
            }));
            string timeout = await EndAsync(() => pool.With(new() { Timeout = TimeSpan.FromMilliseconds(100) }).RunAsync(static () => { while (true) { } }));
            bool other = await pool.RunAsync(static () => Environment.ProcessId) != Environment.ProcessId;
            Console.WriteLine($"PROBE contained {sum >> 20} {death} {timeout} {other}, process {Environment.ProcessId}, user {Environment.UserName}");
        }
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        for (int i = 0; i < 500 && Children() > 0; i++)
            await tick.WaitForNextTickAsync();
        Console.WriteLine($"PROBE children {Children()}");
        return 0;
    }

    /// <summary>A worker that starts processes without end shall not take its host's share of them.</summary>
    public static async Task<int> RunCrowdedAsync()
    {
        await using WorkerPool pool = WorkerPool.Processes(2, new() { Limits = new() { Processes = 40 } });
        string end = await EndAsync(() => pool.RunAsync(static () =>
        {
            while (true)
                Process.Start("sleep", "100000");
        }));
        Console.WriteLine($"PROBE crowded {end} {await pool.RunAsync(static () => 7)}");
        return 0;
    }

    private static async Task<string> EndAsync(Func<Task> call)
    {
        try
        {
            await call();
            return "none";
        }
        catch (WorkerException e)
        {
            return e.GetType().Name;
        }
    }

    /// <summary>Living ones, and zombies.</summary>
    private static int Children() => Directory.GetDirectories("/proc", "*").Count(static folder =>
    {
        try
        {
            string stat = File.ReadAllText(folder + "/stat");
            return stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1] == Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;   // no process, or one that has just ended
        }
    });
}
