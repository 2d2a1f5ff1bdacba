using System.Diagnostics;
using Kernmantle.Chaos.Calls;
using Kernmantle.Chaos.Checks;
using Kernmantle.Chaos.Faults;
using Kernmantle.Chaos.Plans;
using Kernmantle.Chaos.Workers;

namespace Kernmantle.Chaos;

/// <summary>Some pools beside each other, their callers and their saboteur, for some seconds; then everything is reconciled.</summary>
internal sealed class Round(long seed, int number, ChaosOptions options, string folder, RecentLog log, Tally tally)
{
    /// <summary>How long after the end of chaos the last call may take: workers start again, timeouts pass, on a machine with other work.</summary>
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(120);

    private readonly FaultLog faults = new();
    private int findings;

    public async Task RunAsync(TimeSpan lasts)
    {
        Random random = Seeds.Of(seed, number, "round");
        var pools = new PoolSlots(random.Next(1, 4), seed, number, folder, log);
        int threads = random.Next(1, 3), tasks = random.Next(2, 6);
        // Synchronous calls to a pool with hundreds of others in its queue are few: some rounds leave a pool to them.
        bool apart = random.Chance(0.6) && pools.Count > 1;
        bool impatient = random.Chance(0.25);
        using var stop = new CancellationTokenSource();
        Caller[] callers = [.. Enumerable.Range(0, threads + tasks).Select(i => new Caller(i + 1, Seeds.Of(seed, number, "caller", i), pools, apart && i >= threads ? 1 : 0, impatient, stop.Token))];
        Task[] calling = [.. callers.Select((c, i) => i < threads ? Task.Factory.StartNew(c.Call, TaskCreationOptions.LongRunning) : Task.Run(c.CallAsync))];
        Task sabotage = Task.Run(() => new Saboteur(Seeds.Of(seed, number, "faults"), pools, faults, options.FillFolder).WorkAsync(stop.Token));
        await Task.Delay(lasts);
        await stop.CancelAsync();
        Task quiet = Task.WhenAll([sabotage, .. calling]);
        bool ended = await Task.WhenAny(quiet, Task.Delay(Deadline)) == quiet;
        if (ended)
            await quiet;
        else
            Report(Finding.Lost, null, $"the round did not end within {Deadline.TotalSeconds} s after the end of chaos (saboteur {sabotage.Status}, callers {string.Join(", ", calling.Select(static c => c.Status))})", []);
        CallRecord[] open = ended ? [] : [.. callers.SelectMany(static c => c.Records.ToArray()).Where(static c => c is { Ended: 0, Submitted: > 0 })];
        foreach (CallRecord call in open)
            Report(Finding.Lost, call, $"it had not ended {Deadline.TotalSeconds} s after the end of chaos; {open.Length} calls had not; {call.Pool.Pool.Statistics}", []);
        Task disposed = Task.WhenAll(pools.All.Select(static p => p.EndAsync(drain: true)));
        if (await Task.WhenAny(disposed, Task.Delay(Deadline)) != disposed)
            Report(Finding.Leaked, null, $"pools did not end within {Deadline.TotalSeconds} s", []);
        else
            await disposed;
        foreach (string problem in callers.SelectMany(static c => c.Problems))
            Report(Finding.Untrue, null, problem, []);
        CallRecord[] calls = [.. callers.SelectMany(static c => c.Records.ToArray())];
        new Reconciliation(faults, tally, Report).Check(calls, pools.All);
        tally.Kills += faults.Kills;
        if (options.Verbose)
            Console.WriteLine($"round {number}: {pools.All.Length} pools, {threads} threads and {tasks} tasks call{(impatient ? " and give up" : "")}, {calls.Length} calls, {faults.All.Count} faults, {faults.Kills} kills");
        foreach (PoolRun pool in pools.All)
            pool.Dispose();
    }

    /// <summary>With what led to it: what the host knew, what the workers wrote, what was done to them, what the library said.</summary>
    private void Report(Finding finding, CallRecord? call, string what, IReadOnlyList<BegunRecord> begun)
    {
        tally.Count(finding);
        if (++findings > 10)
            return;
        TextWriter to = Console.Error;
        to.WriteLine($"{finding.ToString().ToUpperInvariant()} in round {number} of seed {seed}: {what}");
        if (call is null)
        {
            foreach ((long _, string line) in log.Lines.TakeLast(10))
                to.WriteLine($"  {line}");
            return;
        }
        to.WriteLine($"  call {call.Id} of caller {Caller.CallerOf(call.Id)}: {call.Plan}");
        to.WriteLine($"  pool {call.Pool.Name}: {call.Pool.Plan}");
        if (call.Failure is { } failure)
            to.WriteLine($"  failure: {failure.GetType().Name}: {failure.Message}");
        List<(long Time, string What)> events = [(call.Submitted, "submitted"), (call.Ended == 0 ? long.MaxValue : call.Ended, call.Ended == 0 ? "not ended" : "ended")];
        if (call.Pool.IsEnding)
            events.Add((call.Pool.EndAsked, "the disposal of its pool begins"));
        events.AddRange(begun.Select(static b => (b.Time, $"attempt {b.Attempt} begins in process {b.ProcessId}")));
        long from = call.Submitted - Stopwatch.Frequency / 2, until = (call.Ended == 0 ? Stopwatch.GetTimestamp() : call.Ended) + Stopwatch.Frequency / 2;
        events.AddRange(faults.All.Where(f => f.To >= from && f.From <= until).Select(static f => (f.From, $"{f.Kind} {(f.ProcessId == 0 ? "" : $"process {f.ProcessId} ")}{f.Detail} for {Stopwatch.GetElapsedTime(f.From, f.To).TotalMilliseconds:F1} ms")));
        events.AddRange(log.Lines.Where(l => l.Time >= from && l.Time <= until && l.Line.Contains(call.Pool.Name, StringComparison.Ordinal)).Select(static l => (l.Time, l.Line)));
        foreach ((long time, string text) in events.OrderBy(static e => e.Time).TakeLast(60))
            to.WriteLine(time == long.MaxValue ? $"  {text}" : $"  {Stopwatch.GetElapsedTime(call.Submitted, time).TotalMilliseconds,10:F2} ms  {text}");
    }
}
