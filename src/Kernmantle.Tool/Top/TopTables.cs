using System.Globalization;
using Kernmantle.Tool.Cli;
using Kernmantle.Tool.Lab.Model;
using Kernmantle.Tool.Statistics;

namespace Kernmantle.Tool.Top;

/// <summary>What <c>kern top</c> shows of a snapshot, and of what has changed since the one before. What the program says of itself is shown as text: nothing of it steers the terminal.</summary>
internal static class TopTables
{
    private const int MaxWorkers = 30, MaxFunctions = 10, MaxDeaths = 5, MaxRecords = 8, MaxText = 200;

    public static IEnumerable<TextTable> Of(ProgramSnapshot now, ProgramSnapshot? before)
    {
        double seconds = before is null ? 0 : (now.At - before.At).TotalSeconds;
        yield return Pools(now, before, seconds);
        yield return Workers(now, before, seconds);
        if (now.Running.Count > 0)
            yield return new("Running longest", ["call", "worker", ">for"], [.. now.Running.Take(MaxFunctions).Select(static call => (string[])[Text(call.Name), Text(call.Worker), Time(call.Seconds)])]);
        if (now.Pools.Any(static pool => pool.Functions.Count > 0))
            yield return Functions(now);
        if (now.Deaths.Count > 0)
            yield return new("Deaths", ["at", "worker", "reason", "what"], [.. now.Deaths.Take(MaxDeaths).Select(static death => (string[])[Clock(death.At), Text(death.Worker), Text(death.Reason), Text(death.Message)])], Keys: 2);
    }

    /// <summary>Its records are only those since the snapshot before: a log that is kept by whoever shows it.</summary>
    public static TextTable Log(IEnumerable<LogSnapshot> records) => new("Log", ["at", "level", "worker", "record"],
        [.. records.TakeLast(MaxRecords).Reverse().Select(static record => (string[])[Clock(record.At), Text(record.Level), Text(record.Worker ?? record.Pool ?? record.Category), Text(record.Text)])], Keys: 2);

    private static TextTable Pools(ProgramSnapshot now, ProgramSnapshot? before, double seconds) => new($"{Text(now.Program)}, pid {now.ProcessId}, {Clock(now.At)}", ["pool", "kind", "state", ">workers", ">running", ">queue", ">calls", ">done", ">failed", ">replaced"],
        [.. now.Pools.Select(pool =>
        {
            PoolSnapshot? old = before?.Pools.FirstOrDefault(each => each.Number == pool.Number);
            return (string[])
            [
                Text(pool.Name), pool.Kind, pool.State.ToString(), Count(pool.Workers.Count(static worker => worker.State is "busy" or "idle")), Count(pool.Running), Count(pool.Queued),
                old is null || seconds <= 0 ? "" : Units.Format((All(pool) - All(old)) / seconds, Unit.PerSecond), Count(pool.Completed), Count(pool.Failed), Count(pool.Replaced),
            ];
        })]);

    private static TextTable Workers(ProgramSnapshot now, ProgramSnapshot? before, double seconds)
    {
        WorkerSnapshot[] all = [.. now.Pools.SelectMany(static pool => pool.Workers)];
        Dictionary<string, WorkerSnapshot> old = (before?.Pools ?? []).SelectMany(static pool => pool.Workers).ToDictionary(static worker => worker.Id);
        return new(all.Length > MaxWorkers ? $"Workers ({MaxWorkers} of {all.Length}, the busy ones first)" : "Workers", ["worker", "state", ">pid", ">for", ">calls", ">CPU", ">memory", ">limit", "call"],
            [.. all.OrderByDescending(static worker => worker.State == "busy").Take(MaxWorkers).Select(worker => (string[])
            [
                Text(worker.Name), worker.State, worker.ProcessId?.ToString(CultureInfo.InvariantCulture) ?? "", worker.Call is { } call ? Time(call.Seconds) : "", Count(worker.Calls),
                old.TryGetValue(worker.Id, out WorkerSnapshot? earlier) && seconds > 0 && worker.CpuSeconds - earlier.CpuSeconds is { } used ? Units.Format(Math.Max(0, used / seconds), Unit.Fraction) : "",
                Size(worker.MemoryBytes), Size(worker.MemoryLimitBytes), Text(worker.Call?.Name ?? ""),
            ])]);
    }

    private static TextTable Functions(ProgramSnapshot now) => new("Functions that took most time", ["function", "pool", ">done", ">failed", ">median", ">p99", ">longest"],
        [.. now.Pools.SelectMany(static pool => pool.Functions.Select(function => (Pool: pool.Name, Of: function))).OrderByDescending(static each => each.Of.TotalSeconds).Take(MaxFunctions).Select(static each => (string[])
        [
            Text(each.Of.Name), Text(each.Pool), Count(each.Of.Completed), Count(each.Of.Failed), Known(each.Of, each.Of.P50), Known(each.Of, each.Of.P99), Known(each.Of, each.Of.Longest),
        ])]);

    /// <summary>Nothing, where all of its calls had begun before somebody looked.</summary>
    private static string Known(FunctionSnapshot function, double seconds) => function.Histogram.Count == 0 ? "" : Time(seconds);

    private static long All(PoolSnapshot pool) => pool.Completed + pool.Failed + pool.Cancelled;

    private static string Count(long count) => Units.Format(count, Unit.Count);

    private static string Time(double seconds) => Units.Format(seconds, Unit.Seconds);

    private static string Size(long? bytes) => bytes is { } known ? Units.Format(known, Unit.Bytes) : "";

    private static string Clock(DateTimeOffset at) => at.ToLocalTime().ToString("HH:mm:ss", CultureInfo.InvariantCulture);

    private static string Text(string text) => OneLine.Of(text) is { Length: > MaxText } longer ? $"{longer[..MaxText]} …" : OneLine.Of(text);
}
