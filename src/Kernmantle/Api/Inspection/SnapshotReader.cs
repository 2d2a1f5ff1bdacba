using System.Globalization;
using Kernmantle.Logging;
using Kernmantle.Scheduling;
using Kernmantle.Scheduling.Watching;

namespace Kernmantle.Api.Inspection;

/// <summary>Takes snapshots. What is asked of the system (memory, processor time) and what looks up names is done outside of the pools' locks.</summary>
internal static class SnapshotReader
{
    private const int MaxRunning = 50;

    public static ProgramSnapshot Take(long logAfter)
    {
        IReadOnlyList<Death> deaths = Deaths.All;
        List<PoolReading> pools = [.. Watch.Pools.Select(pool => PoolReading.Of(pool, MaxRunning))];
        return new()
        {
            At = DateTimeOffset.UtcNow,
            Program = AppDomain.CurrentDomain.FriendlyName,
            ProcessId = Environment.ProcessId,
            Pools = [.. pools.Select(pool => pool.ToSnapshot(deaths))],
            Running = [.. pools.SelectMany(static pool => pool.Longest).OrderByDescending(static call => call.Elapsed).Take(MaxRunning).Select(static call => call.ToSnapshot())],
            Deaths = [.. deaths.Reverse().Select(Of)],
            Log = [.. LogRing.Current?.After(logAfter).Select(Of) ?? []],
        };
    }

    /// <summary>Names the incarnation of a worker.</summary>
    public static string IdOf(Scheduler pool, Slot slot) => string.Create(CultureInfo.InvariantCulture, $"{pool.Number}.{slot.Index}.{slot.Generation}");

    private static DeathSnapshot Of(Death death) => new()
    {
        At = death.At,
        Pool = death.Pool,
        Worker = death.Worker,
        ProcessId = death.ProcessId,
        Reason = death.Reason,
        ExitCode = death.ExitCode,
        Signal = death.Signal,
        Message = death.Message,
        Call = death.Call,
        Seconds = death.RanMilliseconds / 1000,
        Stacks = death.Stacks,
        LastLogLines = death.LastLogLines,
        LikelyCauses = death.LikelyCauses,
    };

    private static LogSnapshot Of(LogRing.Kept record) => new()
    {
        Number = record.Number,
        At = new(DateTime.SpecifyKind(record.Time, DateTimeKind.Utc)),
        Level = record.Level.ToString(),
        Pool = record.Pool,
        Worker = record.Worker,
        Category = record.Category,
        EventId = record.EventId,
        Text = record.Text,
    };
}
