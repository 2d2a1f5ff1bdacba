using System.Globalization;
using Kernmantle.Host.Launch;
using Kernmantle.Platform.Linux;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Kernmantle.Tests.Launch;

/// <summary>Counts what this process holds, so nothing else may run beside it.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;

[Collection(nameof(Alone))]
public sealed class WorkerProcessTests
{
    private static readonly LaunchRequest Request = new() { WorkerName = "w" };

    [Fact]
    public async Task A_worker_ends_when_its_channel_does()
    {
        WorkerProcess.EnsureSupported(maxDepth: 1);
        await using WorkerProcess worker = await WorkerProcess.StartAsync(Request, TestContext.Current.CancellationToken);
        worker.Channel.Dispose();
        ProcessEnd end = await worker.Ended.WaitAsync(Shell.Bound, TestContext.Current.CancellationToken);
        Assert.Null(end.Signal);
    }

    [Fact]
    public async Task A_worker_that_is_disposed_of_is_reaped()
    {
        WorkerProcess worker = await WorkerProcess.StartAsync(Request, TestContext.Current.CancellationToken);
        await worker.DisposeAsync();
        Assert.True(worker.Ended.IsCompletedSuccessfully);
        Assert.False(Directory.Exists(string.Create(CultureInfo.InvariantCulture, $"/proc/{worker.Id}")));
        await worker.DisposeAsync();
        worker.Kill();
    }

    /// <summary>A busy thread pool lets timers go first: an end that is there when the time is over counts, whatever its task's continuations have done so far.</summary>
    [Fact]
    public async Task Whether_a_worker_ended_in_time_is_seen_of_itself()
    {
        var clock = new FakeTimeProvider();
        await using WorkerProcess worker = await WorkerProcess.StartAsync(Request, TestContext.Current.CancellationToken);
        Task<bool> alive = worker.EndsWithinAsync(TimeSpan.FromSeconds(2), clock);
        clock.Advance(TimeSpan.FromSeconds(2));
        Assert.False(await alive);
        Task<bool> ended = worker.EndsWithinAsync(TimeSpan.FromSeconds(2), clock);
        worker.Kill();
        SpinWait.SpinUntil(() => worker.Ended.IsCompleted, Shell.Bound);
        clock.Advance(TimeSpan.FromSeconds(2));
        Assert.True(await ended);
    }

    [Fact]
    public async Task A_start_that_is_cancelled_leaves_nothing()
    {
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => WorkerProcess.StartAsync(Request, cancelled.Token));
    }

    [Fact]
    public async Task A_start_that_fails_says_why() =>
        await Assert.ThrowsAsync<System.ComponentModel.Win32Exception>(
            static () => WorkerProcess.StartAsync(Request with { WorkingDirectory = "/no/such/directory" }, TestContext.Current.CancellationToken));

    [Fact]
    public async Task Fifty_workers_started_and_killed_leave_no_descriptor_and_no_zombie()
    {
        await StartAndKillAsync(2);   // whatever is opened once
        int before = OpenDescriptors();
        await StartAndKillAsync(50);
        using var deadline = new CancellationTokenSource(Shell.Bound);
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (OpenDescriptors() > before && !deadline.IsCancellationRequested)
            await tick.WaitForNextTickAsync(TestContext.Current.CancellationToken);   // pipe streams close theirs asynchronously
        Assert.InRange(OpenDescriptors(), 0, before);
        Assert.Empty(Zombies());
    }

    private static async Task StartAndKillAsync(int count)
    {
        await Parallel.ForAsync(0, count, TestContext.Current.CancellationToken, static async (i, token) =>
        {
            await using WorkerProcess worker = await WorkerProcess.StartAsync(Request, token);
            worker.Kill();
            Assert.Equal(9, (await worker.Ended.WaitAsync(Shell.Bound, token)).Signal);
        });
    }

    private static int OpenDescriptors() => Directory.GetFileSystemEntries("/proc/self/fd").Length;

    /// <summary>Our own children that nobody reaped.</summary>
    private static List<string> Zombies()
    {
        string us = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        var zombies = new List<string>();
        foreach (string folder in Directory.GetDirectories("/proc").Where(static f => char.IsAsciiDigit(f["/proc/".Length])))
        {
            try
            {
                string stat = File.ReadAllText(Path.Combine(folder, "stat"));
                string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
                if (fields[0] == "Z" && fields[1] == us)
                    zombies.Add(stat);
            }
            catch (IOException)
            {
                continue;   // it has ended meanwhile
            }
        }
        return zombies;
    }
}
