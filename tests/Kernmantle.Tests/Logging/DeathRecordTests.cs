using System.Diagnostics;
using Kernmantle.Contracts;
using Kernmantle.Victim;
using Microsoft.Extensions.Logging;

namespace Kernmantle.Tests.Logging;

/// <summary>The ends of workers are in the log: one record each, with all that is known of it.</summary>
public sealed class DeathRecordTests : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    private const string Category = "Kernmantle.Pool.deaths";

    private readonly ListFactory log = new();

    public void Dispose() => log.Dispose();

    private WorkerPool Pool(ProcessPoolOptions? options = null) => WorkerPool.Processes(
        1,
        (options ?? new()).Setting(nameof(options.Name), "deaths").Setting(nameof(options.LoggerFactory), log).Setting(nameof(options.Evidence), null));

    [Fact]
    public async Task A_crash_during_a_call_is_one_record_and_its_replacement_another()
    {
        int process, next;
        await using (WorkerPool pool = Pool())
        {
            process = await pool.RunAsync(static () => Environment.ProcessId).WaitAsync(Deadline);
            await Assert.ThrowsAsync<WorkerCrashedException>(() => pool.RunAsync(Misdeeds.ExitSeven).WaitAsync(Deadline));
            next = await pool.RunAsync(static () => Environment.ProcessId).WaitAsync(Deadline);
        }
        ListFactory.Entry death = await SingleAsync("WorkerCrashed", LogLevel.Warning);
        Assert.Equal(("deaths-1", process, "Exited", 7, null, "Misdeeds.ExitSeven"), (death.Properties["Worker"], death.Properties["ProcessId"], death.Properties["Reason"], death.Properties["ExitCode"], death.Properties["Signal"], death.Properties["Call"]));
        Assert.True((long)death.Properties["CallNumber"]! > 0);
        Assert.True((double)death.Properties["DurationMilliseconds"]! >= 0);
        Assert.Contains("called Environment.Exit(7)", death.Message, StringComparison.Ordinal);
        ListFactory.Entry replaced = await SingleAsync("WorkerReplaced", LogLevel.Information);
        Assert.Equal(("deaths-1", next, false), (replaced.Properties["Worker"], replaced.Properties["ProcessId"], replaced.Properties["WasSpare"]));
        Assert.True((double)replaced.Properties["ReplacementMilliseconds"]! > 0);
        Assert.Equal(next, (await SingleAsync("WorkerDisposed", LogLevel.Information)).Properties["ProcessId"]);
    }

    [Fact]
    public async Task As_many_deaths_as_many_records()
    {
        const int Deaths = 10;
        await using (WorkerPool pool = Pool())
        {
            for (int i = 0; i < Deaths; i++)
                await Assert.ThrowsAsync<WorkerCrashedException>(() => pool.RunAsync(Misdeeds.ExitSeven).WaitAsync(Deadline));
            await pool.RunAsync(static () => 1).WaitAsync(Deadline);
        }
        await log.FindAsync(_ => Of("WorkerReplaced").Length >= Deaths);
        Assert.Equal((Deaths, Deaths), (Of("WorkerCrashed").Length, Of("WorkerReplaced").Length));
    }

    [Fact]
    public async Task A_kill_for_a_timeout_is_a_record()
    {
        await using (WorkerPool pool = Pool())
            await Assert.ThrowsAsync<CallTimeoutException>(() => pool.With(new() { Timeout = TimeSpan.FromMilliseconds(100) }).RunAsync(Misdeeds.LoopForEver).WaitAsync(Deadline));
        ListFactory.Entry kill = await SingleAsync("WorkerKilled", LogLevel.Warning);
        Assert.Equal("Timeout", kill.Properties["Reason"]);
        Assert.True((double)kill.Properties["DurationMilliseconds"]! >= 99);
        Assert.Equal("Misdeeds.LoopForEver", kill.Properties["Call"]);
    }

    [Fact]
    public async Task A_kill_after_a_cancellation_is_a_record()
    {
        string folder = Directory.CreateTempSubdirectory("kernmantle-record-").FullName;
        string file = Path.Combine(folder, "begun");
        using var cancellation = new CancellationTokenSource();
        await using (WorkerPool pool = Pool(new() { KillGrace = TimeSpan.Zero }))
        {
            Task call = pool.RunAsync(Misdeeds.SignAndWait, file, cancellation.Token);
            while (!File.Exists(file))
                await Task.Yield();
            await cancellation.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.WaitAsync(Deadline));
        }
        Directory.Delete(folder, recursive: true);
        Assert.Equal("Cancellation", (await SingleAsync("WorkerKilled", LogLevel.Warning)).Properties["Reason"]);
    }

    [Fact]
    public async Task A_limit_is_a_record()
    {
        await using (WorkerPool pool = Pool(new() { ManagedHeapLimitBytes = 64 << 20 }))
            await Assert.ThrowsAsync<MemoryLimitException>(() => pool.RunAsync(static () => { Misdeeds.FillTheHeap(); }).WaitAsync(Deadline));
        Assert.Equal("MemoryLimit", (await SingleAsync("WorkerUnfit", LogLevel.Warning)).Properties["Reason"]);
    }

    [Fact]
    public async Task A_death_while_idle_is_a_record()
    {
        await using (WorkerPool pool = Pool())
        {
            int process = await pool.RunAsync(static () => Environment.ProcessId).WaitAsync(Deadline);
            using (var worker = Process.GetProcessById(process))
                worker.Kill();
            await log.FindAsync(_ => Of("WorkerReplaced").Length > 0);
        }
        ListFactory.Entry death = await SingleAsync("WorkerDiedIdle", LogLevel.Warning);
        Assert.Equal(("Signal", 9), (death.Properties["Reason"], death.Properties["Signal"]));
    }

    [Fact]
    public async Task A_planned_end_is_information()
    {
        await using (WorkerPool pool = Pool(new() { Recycling = new() { Calls = 1 } }))
        {
            await pool.RunAsync(static () => 1).WaitAsync(Deadline);
            await pool.RunAsync(static () => 1).WaitAsync(Deadline);
        }
        await log.FindAsync(static e => e.EventId.Name == "WorkerRecycled");
        Assert.All(Of("WorkerRecycled"), static e => Assert.Equal(LogLevel.Information, e.Level));
        Assert.DoesNotContain(log.Entries, static e => e.Level >= LogLevel.Warning);
    }

    [Fact]
    public async Task What_a_runtime_writes_as_it_ends_the_process_is_one_record()
    {
        await using (WorkerPool pool = Pool())
            await Assert.ThrowsAsync<WorkerCrashedException>(() => pool.RunAsync(Misdeeds.FailFast).WaitAsync(Deadline));
        ListFactory.Entry words = await log.FindAsync(static e => e.Category == "Console.Error");
        Assert.Single(log.Entries, static e => e.Category == "Console.Error");
        Assert.Equal(("LastWords", LogLevel.Warning), (words.EventId.Name, words.Level));
        Assert.Contains("the victim gives up", words.Message, StringComparison.Ordinal);
        Assert.True(words.Message.Split('\n').Length > 5, words.Message);
    }

    [Fact]
    public async Task What_a_function_logs_is_in_a_category_of_its_pool()
    {
        await using (WorkerPool pool = Pool())
            await pool.RunAsync(static () => WorkerContext.Current!.Logger.LogWarning("from the function")).WaitAsync(Deadline);
        await using (WorkerPool pool = WorkerPool.Threads(1, new() { Name = "threads", LoggerFactory = log }))
            await pool.RunAsync(static () => WorkerContext.Current!.Logger.LogWarning("from the thread")).WaitAsync(Deadline);
        Assert.Equal("Kernmantle.Worker.deaths", (await log.FindAsync(static e => e.Message == "from the function")).Category);
        Assert.Equal("Kernmantle.Worker.threads", (await log.FindAsync(static e => e.Message == "from the thread")).Category);
    }

    private ListFactory.Entry[] Of(string name) => [.. log.Entries.Where(e => e.Category == Category && e.EventId.Name == name)];

    private async Task<ListFactory.Entry> SingleAsync(string name, LogLevel level)
    {
        await log.FindAsync(_ => Of(name).Length > 0);
        ListFactory.Entry entry = Assert.Single(Of(name));
        Assert.Equal(level, entry.Level);
        Assert.NotEqual(0, entry.EventId.Id);
        return entry;
    }
}
