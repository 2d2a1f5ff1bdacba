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
    [InlineData("ABRT")]
    public async Task No_worker_survives_its_host(string signal)
    {
        var start = new ProcessStartInfo(Path.Combine(build.Plain, "Probe"), ["wait"]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process host = Process.Start(start)!;
        string? line = await host.StandardOutput.ReadLineAsync().WaitAsync(Deadline);
        int[] workers = [.. line!.Split(' ')[2..].Select(static pid => int.Parse(pid, CultureInfo.InvariantCulture))];
        Assert.All(workers, static pid => Assert.True(IsAlive(pid)));
        using (Process kill = Process.Start("kill", [$"-{signal}", host.Id.ToString(CultureInfo.InvariantCulture)]))
            await kill.WaitForExitAsync();
        await host.WaitForExitAsync().WaitAsync(Deadline);
        using var deadline = new CancellationTokenSource(Deadline);
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
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
