using System.Globalization;
using Kernmantle.Chaos.Workers;
using Microsoft.Extensions.Logging;

namespace Kernmantle.Chaos.Plans;

/// <summary>How one pool is made.</summary>
internal sealed record PoolPlan
{
    public required int Workers { get; init; }

    public required ProcessPoolOptions Options { get; init; }

    /// <summary>Whether a call that allocates without end reaches a limit.</summary>
    public bool LimitsManaged => Options.ManagedHeapLimitBytes is not null || LimitsAll;

    public bool LimitsAll => Options.Limits?.MemoryBytes is not null;

    public static PoolPlan Draw(Random random, string name, string folder, ILoggerFactory log)
    {
        int workers = random.Pick(1, 2, 2, 3, 4);
        WorkerTransport transport = random.Chance(0.25) ? WorkerTransport.Socket : WorkerTransport.Automatic;
        double kind = random.NextDouble();
        var options = new ProcessPoolOptions
        {
            Name = name,
            LoggerFactory = log,
            Environment = new Dictionary<string, string?> { [BegunLog.Variable] = Path.Combine(folder, name + ".begun") },
            Transport = transport,
            RingBytes = random.Pick(64 << 10, 256 << 10, 1 << 20),
            QueueCapacity = random.Pick(8, 512, 4096),
            QueueFull = random.Chance(0.1) ? QueueFullMode.Fail : QueueFullMode.Wait,
            KillGrace = random.Milliseconds(0, 200),
            TimeoutGrace = random.Chance(0.3) ? random.Milliseconds(1, 50) : TimeSpan.Zero,
            DrainTimeout = random.Milliseconds(0, 1500),
            StreamWindow = random.Pick(1, 16, 64),
            SpinBudget = random.Pick<TimeSpan?>(TimeSpan.Zero, null),
            ManagedHeapLimitBytes = kind is > 0.15 and < 0.3 ? 96L << 20 : null,
            Limits = kind < 0.15 ? new() { MemoryBytes = 256L << 20 } : null,
            // Idle workers are killed all the time here: no such number of deaths says that anything is wrong.
            RestartLimit = int.MaxValue,
            Spares = random.Chance(0.3) ? 1 : 0,
            Recycling = random.Chance(0.3) ? new()
            {
                Calls = random.Pick<long?>(null, 50, 500, 5000),
                Age = random.Chance(0.3) ? TimeSpan.FromSeconds(1) : null,
                MemoryGrowthBytes = random.Chance(0.3) ? 16L << 20 : null,
            } : null,
            LogFull = random.Pick(LogFullMode.Wait, LogFullMode.Drop, LogFullMode.Grow),
        };
        return new() { Workers = workers, Options = options };
    }

    public override string ToString() =>
        $"{Workers} workers, {Options.Transport}, ring {Options.RingBytes >> 10} KiB, queue {Options.QueueCapacity} {Options.QueueFull}, kill grace {Options.KillGrace.TotalMilliseconds} ms, "
        + $"timeout grace {Options.TimeoutGrace.TotalMilliseconds} ms, drain {Options.DrainTimeout.TotalMilliseconds} ms, window {Options.StreamWindow}, spin {Options.SpinBudget?.TotalMicroseconds.ToString(CultureInfo.InvariantCulture) ?? "measured"} µs, "
        + $"heap {Options.ManagedHeapLimitBytes >> 20} MiB, memory {Options.Limits?.MemoryBytes >> 20} MiB, "
        + $"{Options.Spares} spares, recycling {Options.Recycling?.Calls} calls {Options.Recycling?.Age} {Options.Recycling?.MemoryGrowthBytes >> 20} MiB, log {Options.LogFull}";
}
