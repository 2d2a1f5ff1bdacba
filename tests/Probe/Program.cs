// Says on one line whether a call really ran in another process, and lets the test count how often Main was entered.
using Kernmantle;

if (Environment.GetEnvironmentVariable("PROBE_MAIN_COUNT") is { } count)
    File.AppendAllText(count, $"{Environment.ProcessId}\n");
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

try
{
    await using WorkerPool pool = WorkerPool.Processes(2);
    string greeting = "from";
    (string text, int worker) = await pool.RunAsync(name => ($"{greeting} {name}", Environment.ProcessId), "worker");
    if (args is ["wait"])
    {
        Console.WriteLine($"PROBE workers {worker} {await pool.RunAsync(static () => Environment.ProcessId)}");
        await pool.RunAsync(static () => { while (true) { } });
    }
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
