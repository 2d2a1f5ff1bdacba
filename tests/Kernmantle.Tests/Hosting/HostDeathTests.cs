using System.Diagnostics;
using System.Globalization;

namespace Kernmantle.Tests.Hosting;

/// <summary>Workers end with their host, however it ends, and busy ones too.</summary>
public sealed class HostDeathTests(ProbeBuild build) : IClassFixture<ProbeBuild>
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData("KILL")]
    [InlineData("TERM")]
    [InlineData("SEGV")]
    public async Task No_worker_survives_its_host(string signal)
    {
        var start = new ProcessStartInfo(Path.Combine(build.Plain, "Probe"), ["wait"]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process host = Process.Start(start)!;
        string? line = await host.StandardOutput.ReadLineAsync().WaitAsync(Deadline);
        int[] workers = [.. line!.Split(' ')[2..].Select(static pid => int.Parse(pid, CultureInfo.InvariantCulture))];
        Assert.All(workers, static pid => Assert.True(IsAlive(pid)));
        using var deadline = new CancellationTokenSource(Deadline);
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!host.HasExited)
        {
            // More than once: the runtime takes the first SIGSEGV from outside for a fault of its own, finds none, and goes on.
            using Process kill = Process.Start("kill", [$"-{signal}", host.Id.ToString(CultureInfo.InvariantCulture)]);
            await kill.WaitForExitAsync(deadline.Token);
            Assert.True(await tick.WaitForNextTickAsync(deadline.Token));
        }
        while (Array.Exists(workers, IsAlive))
            Assert.True(await tick.WaitForNextTickAsync(deadline.Token));
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
